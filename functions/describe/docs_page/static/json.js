/** JSON without loss, laid out for people, and as Python writes it. */

const WIDTH = 78;
const PYTHON = { null: "None", true: "True", false: "False" };

/**
 * Return what `text` holds. Numbers keep their digits (`5.0`, 64-bit integers) where the browser
 * can do that. Throws SyntaxError.
 */
export function parseExactly(text) {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && JSON.rawJSON
      ? JSON.rawJSON(context.source)
      : value,
  );
}

/** Return `value` as JSON; what fits on a line stays on one. */
export function toJson(value, indent = "") {
  if (isScalar(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Object.entries(value).map(([name, item]) => {
    const text = toJson(item, inner);
    return Array.isArray(value) ? text : `${JSON.stringify(name)}: ${text}`;
  });
  const line = `${open}${parts.join(", ")}${close}`;
  if (indent.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** Return `value` as a Python expression. */
export function toPython(value) {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|null|true|false/g;
  return toJson(value).replace(tokens, (token) => PYTHON[token] ?? token);
}

/** Return whether `value` is neither a list nor an object. */
export function isScalar(value) {
  return value === null || typeof value !== "object" || Boolean(JSON.isRawJSON?.(value));
}
