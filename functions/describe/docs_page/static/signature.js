/** A model's signature: MLflow's column, tensor and parameter specifications. */

/** Longer bodies show no form that a person could read. */
const MOST_VALUES = 1_000;
const MOST_DIMENSIONS = 16;
const CHAT_FIELDS = ["messages", "prompt", "input"];
const FORMATS = ["inputs", "instances", "dataframe_split", "dataframe_records"];
const EMPTY = { boolean: false, string: "", binary: "", datetime: "2026-01-31T12:00:00", any: null };

/** Return the type of `spec` in words, e.g. `array of string`, `float32 tensor, shape (any, 4)`. */
export function typeText({ type, shape, items, values, properties, "tensor-spec": tensor }) {
  if (tensor) return `${tensor.dtype} tensor, shape ${shapeText(tensor.shape)}`;
  if (items) return `array of ${typeText(items)}`;
  if (values) return `map of string to ${typeText(values)}`;
  if (properties) return `object { ${propertiesText(properties)} }`;
  if (type === "datetime") return "datetime (ISO 8601)";
  if (type === "binary") return "binary (Base64)";
  return shape ? `${type}, shape ${shapeText(shape)}` : String(type);
}

/** Return whether a body may have one row: no tensor has a first dimension of a fixed size. */
export function hasFreeRows(inputs) {
  return Boolean(inputs?.length) && inputs.every((spec) => !(spec["tensor-spec"]?.shape[0] >= 0));
}

/** Return whether `body` is a chat model's own: with one of its fields, in none of the formats. */
export function isChat(body) {
  const has = (name) => Object.hasOwn(body ?? {}, name);
  return CHAT_FIELDS.some(has) && !FORMATS.some(has);
}

/** Return a body in the form of `inputs`, for models without an example. */
export function emptyBody(inputs) {
  if (!inputs?.length) return { inputs: [] };
  const chat = inputs.find(({ name, items }) => items && CHAT_FIELDS.includes(name));
  if (chat) return { [chat.name]: [{ role: "user", content: "Hello!" }] };
  const isTensor = inputs[0].type === "tensor";
  const values = inputs.map(emptyValue);
  const names = inputs.map(({ name }) => name);
  if (names.some((name) => typeof name === "number")) {
    return { dataframe_split: { columns: names, data: [values] } };
  }
  if (names.every((name) => name)) {
    const byName = Object.fromEntries(inputs.map(({ name }, index) => [name, values[index]]));
    return isTensor ? { inputs: byName } : { dataframe_records: [byName] };
  }
  return { inputs: isTensor ? values[0] : [values] };
}

function propertiesText(properties) {
  return Object.entries(properties)
    .map(([name, spec]) => `${name}${spec.required === false ? "?" : ""}: ${typeText(spec)}`)
    .join(", ");
}

function shapeText(shape) {
  return `(${shape.map((size) => (size < 0 ? "any" : size)).join(", ")})`;
}

function emptyValue({ type, items, values, properties, "tensor-spec": tensor }) {
  if (tensor) return emptyTensor(tensor);
  if (items) return [emptyValue(items)];
  if (values) return {};
  if (!properties) return type in EMPTY ? EMPTY[type] : 0;
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([name, spec]) => [name, emptyValue(spec)]));
}

/** Return a tensor of zeros; of a large one, only what shows how its lists are nested. */
function emptyTensor({ dtype, shape }) {
  if (shape.length > MOST_DIMENSIONS) return [];
  const count = shape.reduce((product, size) => product * Math.max(size, 1), 1);
  const scalar = dtype === "bool" ? false : /^(str|object|bytes)/.test(dtype) ? "" : 0;
  const sizes = count > MOST_VALUES ? shape.map(() => 1) : shape;
  return sizes.reduceRight((inner, size) => Array(Math.max(size, 1)).fill(inner), scalar);
}
