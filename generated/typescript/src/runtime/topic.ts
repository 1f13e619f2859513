/** A part of a topic's address that varies. */
export interface TopicParameter {
  /** As it stands between the braces of the address. */
  readonly name: string;
  /** Its name in code. */
  readonly key: string;
  /** Whether its values are numbers in code. */
  readonly number?: boolean;
  /** What a value must match. */
  readonly pattern?: string;
  /** The only values allowed. */
  readonly values?: readonly string[];
  readonly default?: string;
  /** Spellings that mean another value. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** Builds and parses the addresses of a channel's topics. */
export interface TopicAddress<Input extends object, Parsed extends object> {
  /** The address of a topic; throws `RangeError` where a parameter is missing or not allowed. */
  build(parameters: Input): string;
  /** The parameters in an address, or undefined where it is not one of this channel's. */
  parse(address: string): Parsed | undefined;
}

/** `template` is an address with `{parameters}`. */
export function topicAddress<Input extends object, Parsed extends object>(
  template: string,
  parameters: readonly TopicParameter[],
): TopicAddress<Input, Parsed> {
  const shape = new RegExp(
    `^${template
      .split(/(\{[^{}]+\})/)
      .map((part, index) => (index % 2 ? "(.+?)" : part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")))
      .join("")}$`,
    "s",
  );
  const names = [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]);
  const ordered = names.map((name) => parameters.find((parameter) => parameter.name === name) as TopicParameter);
  return {
    build(given) {
      const values = given as Readonly<Record<string, string | number | undefined>>;
      let address = template;
      for (const parameter of ordered) {
        const value = normalise(parameter, values[parameter.key] ?? parameter.default);
        if (value === undefined) {
          throw new RangeError(`${parameter.key}: ${JSON.stringify(values[parameter.key])} is not allowed in ${template}`);
        }
        address = address.replace(`{${parameter.name}}`, () => value);
      }
      return address;
    },
    parse(address) {
      const found = shape.exec(address);
      const parsed: Record<string, string | number> = {};
      for (const [index, parameter] of ordered.entries()) {
        const value = normalise(parameter, found?.[index + 1]);
        if (value === undefined) {
          return undefined;
        }
        parsed[parameter.key] = parameter.number ? Number(value) : value;
      }
      return found ? (parsed as Parsed) : undefined;
    },
  };
}

function normalise(parameter: TopicParameter, given: string | number | undefined): string | undefined {
  if (given === undefined || given === "") {
    return undefined;
  }
  const { aliases = {}, values, pattern } = parameter;
  const text = String(given);
  const value = Object.hasOwn(aliases, text) ? aliases[text] : text;
  if (value === undefined || (values && !values.includes(value)) || !matches(pattern, value)) {
    return undefined;
  }
  return value;
}

function matches(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined) {
    return true;
  }
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    // Not every pattern that the contract may hold is one in this language; the server will judge.
    return true;
  }
}
