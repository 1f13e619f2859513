/** Drawing once a frame, however often something changes. */

const jobs = new Set<() => void>();

/** Runs `job` before the next frame is drawn; once, even if it is asked for again until then. */
export function nextFrame(job: () => void): void {
  if (jobs.size === 0) requestAnimationFrame(run);
  jobs.add(job);
}

function run(): void {
  const due = [...jobs];
  jobs.clear();
  for (const job of due) job();
}
