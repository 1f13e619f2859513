/** A view as JSON: errors with what they say. */
export function plain(view) {
  const { error } = view;
  return { ...view, ...(error && { error: { name: error.name, message: error.message } }) };
}
