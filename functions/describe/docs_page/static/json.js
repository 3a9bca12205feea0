/** JSON without loss, laid out for people, and as Python writes it. */

const WIDTH = 78;
const AS_JSON = { null: "null", true: "true", false: "false" };
const AS_PYTHON = { null: "None", true: "True", false: "False" };

/**
 * What `text` holds. Numbers keep the digits they came with (`5.0`, 64-bit integers) where the
 * browser can do that. Throws SyntaxError.
 */
export function parseExactly(text) {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && JSON.rawJSON
      ? JSON.rawJSON(context.source)
      : value,
  );
}

/** `value` as JSON; what fits on a line stays on one. */
export function toJson(value) {
  return laidOut(value, AS_JSON, "");
}

/** `value` as a Python expression whose further lines stand behind `indent`. */
export function toPython(value, indent = "") {
  return laidOut(value, AS_PYTHON, indent);
}

function laidOut(value, words, indent) {
  const line = onOneLine(value, words, WIDTH - indent.length);
  if (line !== null) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = members(value).map(
    ([name, item]) => inner + named(name, laidOut(item, words, inner)),
  );
  return `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

/** null when it needs more than `room` and can be broken. */
function onOneLine(value, words, room) {
  if (value === null || typeof value === "boolean") return words[value];
  if (typeof value !== "object" || JSON.isRawJSON?.(value)) return JSON.stringify(value);
  const parts = [];
  let left = room - 2;
  for (const [name, item] of members(value)) {
    const text = onOneLine(item, words, left);
    if (text === null) return null;
    parts.push(named(name, text));
    left -= parts.at(-1).length + 2;
    if (left < -2) return null;
  }
  return Array.isArray(value) ? `[${parts.join(", ")}]` : `{${parts.join(", ")}}`;
}

function members(value) {
  return Array.isArray(value) ? value.map((item) => [null, item]) : Object.entries(value);
}

function named(name, text) {
  return name === null ? text : `${JSON.stringify(name)}: ${text}`;
}
