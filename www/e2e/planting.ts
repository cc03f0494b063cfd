// Puts hostile text into every place of a document where there can be any text, one place after the other.

export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  const?: unknown;
  enum?: unknown[];
  type?: string | string[];
  minimum?: number;
  minItems?: number;
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  anyOf?: Schema[];
};

export interface Planted {
  /** Where the text is, as `script/do/clientWrite/key`. */
  place: string;
  /** Whether any text is allowed there, as far as the schema says. */
  isFree: boolean;
  document: unknown;
}

/** Documents of a schema, as small as they can be, each with the payload in another place. */
export function* planted(root: Schema, payload: string): Generator<Planted> {
  const resolve = (schema: Schema): Schema => {
    const def = schema.$ref && root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return def ? { ...def, ...schema } : schema;
  };

  const smallest = (given: Schema): unknown => {
    const schema = resolve(given);
    const { oneOf, anyOf, type } = schema;
    if ('const' in schema) return schema.const;
    if (schema.enum) return schema.enum[0];
    const choice = (oneOf ?? anyOf)?.find((one) => one.type !== 'null');
    if (choice) return smallest(choice);
    const [kind] = [type ?? []].flat();
    if (kind === 'object') return object(schema);
    if (kind === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => smallest(schema.items ?? {}));
    if (kind === 'string') return 'x';
    if (kind === 'boolean') return true;
    return Math.max(1, schema.minimum ?? 0);
  };
  const object = ({ properties = {}, required = [] }: Schema) =>
    Object.fromEntries(required.map((name) => [name, smallest(properties[name] ?? {})]));

  function* walk(given: Schema, place: string, above: readonly string[]): Generator<Planted> {
    // A condition may contain conditions: once is enough.
    if (given.$ref && above.includes(given.$ref)) return;
    const inside = given.$ref ? [...above, given.$ref] : above;
    const schema = resolve(given);
    for (const one of schema.oneOf ?? schema.anyOf ?? []) {
      const name = one.properties?.type?.const;
      yield* walk(one, name === undefined ? place : `${place}/${name}`, inside);
    }
    if ([schema.type].flat().includes('string') && !('const' in schema))
      yield { place, isFree: !schema.enum, document: payload };
    if (schema.enum && schema.type === undefined) yield { place, isFree: false, document: payload };
    if (schema.items)
      for (const { document, ...rest } of walk(schema.items, place, inside)) yield { ...rest, document: [document] };
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      for (const { document, ...rest } of walk(property, `${place}/${name}`, inside))
        yield { ...rest, document: { ...object(schema), [name]: document } };
    if (schema.type === 'object') {
      // `fromEntries` makes an own property even of `__proto__`, as `JSON.parse` does.
      const foreign = Object.fromEntries([...Object.entries(object(schema)), [payload, payload]]);
      yield { place: `${place}/(key)`, isFree: false, document: foreign };
    }
  }
  yield* walk(root, '', []);
}

/** Copies of a document, each with the payload instead of another of its strings. */
export function* replaced(document: unknown, payload: string, place = ''): Generator<Planted> {
  if (typeof document === 'string') yield { place, isFree: true, document: payload };
  if (typeof document !== 'object' || document === null) return;
  for (const [key, value] of Object.entries(document)) {
    for (const inner of replaced(value, payload, `${place}/${key}`)) {
      const copy = Array.isArray(document) ? [...document] : { ...document };
      Object.assign(copy, { [key]: inner.document });
      yield { ...inner, document: copy };
    }
  }
}
