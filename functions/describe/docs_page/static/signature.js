/** A model's signature (MLflow's column, tensor and parameter specifications) in words. */

const NUMBERS = new Set(["integer", "long", "float", "double"]);

/** Return the type of `spec` in words, e.g. `double`, `array of string`, `float32 tensor, shape (any, 4)`. */
export function typeText(spec) {
  switch (spec.type) {
    case "tensor":
      return `${spec["tensor-spec"].dtype} tensor, shape ${shapeText(spec["tensor-spec"].shape)}`;
    case "array":
      return `array of ${typeText(spec.items)}`;
    case "map":
      return `map of string to ${typeText(spec.values)}`;
    case "object":
      return `object { ${propertiesText(spec.properties)} }`;
    case "datetime":
      return "datetime (ISO 8601)";
    case "binary":
      return "binary (Base64)";
    default:
      return spec.shape ? `${spec.type}, shape ${shapeText(spec.shape)}` : String(spec.type);
  }
}

/** Return whether a body may have one row: no tensor has a first dimension of a fixed size. */
export function hasFreeRows(inputs) {
  return Boolean(inputs?.length) && inputs.every((spec) => !(spec["tensor-spec"]?.shape[0] >= 0));
}

/** Return a body in the form of `inputs`, for models without an example. */
export function emptyBody(inputs) {
  if (!inputs?.length) return { inputs: [] };
  const values = inputs.map(emptyValue);
  if (inputs.every((spec) => spec.name)) {
    const byName = Object.fromEntries(inputs.map((spec, i) => [spec.name, values[i]]));
    return inputs[0].type === "tensor" ? { inputs: byName } : { dataframe_records: [byName] };
  }
  return { inputs: inputs[0].type === "tensor" ? values[0] : [values] };
}

function propertiesText(properties) {
  return Object.entries(properties)
    .map(([name, spec]) => `${name}${spec.required === false ? "?" : ""}: ${typeText(spec)}`)
    .join(", ");
}

function shapeText(shape) {
  return `(${shape.map((size) => (size < 0 ? "any" : size)).join(", ")})`;
}

function emptyValue(spec) {
  switch (spec.type) {
    case "tensor":
      return emptyTensor(spec["tensor-spec"].dtype, spec["tensor-spec"].shape);
    case "array":
      return [emptyValue(spec.items)];
    case "map":
      return {};
    case "object":
      return Object.fromEntries(
        Object.entries(spec.properties).map(([name, inner]) => [name, emptyValue(inner)]),
      );
    case "boolean":
      return false;
    case "datetime":
      return "2026-01-31T12:00:00";
    case "string":
    case "binary":
      return "";
    default:
      return NUMBERS.has(spec.type) ? 0 : null;
  }
}

function emptyTensor(dtype, shape) {
  const scalar = dtype === "bool" ? false : /^(str|object|bytes)/.test(dtype) ? "" : 0;
  return shape.reduceRight((inner, size) => Array(Math.max(size, 1)).fill(inner), scalar);
}
