/**
 * One predict call in three languages: to `url` (percent-encoded), with `headers` beside the key's,
 * of `body` (a value that `json.js` has read).
 */

import { toJson, toPython } from "./json.js";

export const LANGUAGES = { curl, Python: python, JavaScript: javascript };

const ROW_LISTS = ["inputs", "instances", "dataframe_records"];

/** Return `body` with its first row only, so that the code fits a screen. */
export function oneRow(body) {
  if (body === null || typeof body !== "object" || Array.isArray(body)) return body;
  const shorter = { ...body };
  for (const name of ROW_LISTS) if (name in body) shorter[name] = firstRow(body[name]);
  const split = body.dataframe_split;
  if (split) {
    shorter.dataframe_split = { ...split, data: firstRow(split.data) };
    if (split.index) shorter.dataframe_split.index = firstRow(split.index);
  }
  return shorter;
}

/** Rows are a list, or a list per column. */
function firstRow(rows) {
  if (Array.isArray(rows)) return rows.slice(0, 1);
  if (rows === null || typeof rows !== "object" || JSON.isRawJSON?.(rows)) return rows;
  return Object.fromEntries(
    Object.entries(rows).map(([name, column]) => [name, firstOf(column)]),
  );
}

function firstOf(column) {
  return Array.isArray(column) ? column.slice(0, 1) : column;
}

function curl(url, headers, body) {
  const lines = Object.entries(headers).map(([name, value]) => `  -H '${name}: ${value}' \\\n`);
  const quoted = toJson(body).replaceAll("'", "'\\''");
  return `curl --fail-with-body --max-time 30 '${url}' \\
  -H "Authorization: Bearer $HOKUS_API_KEY" \\
${lines.join("")}  -d '${quoted}'`;
}

function python(url, headers, body) {
  const lines = Object.entries(headers).map(([name, value]) => `        "${name}": "${value}",\n`);
  return `import os

import httpx

answer = httpx.post(
    "${url}",
    headers={
        "Authorization": f"Bearer {os.environ['HOKUS_API_KEY']}",
${lines.join("")}    },
    json=${toPython(body, "    ")},
    timeout=30,
)
answer.raise_for_status()
print(answer.json()["predictions"])`;
}

function javascript(url, headers, body) {
  const lines = Object.entries(headers).map(([name, value]) => `    "${name}": "${value}",\n`);
  return `const answer = await fetch("${url}", {
  method: "POST",
  headers: {
    "Authorization": \`Bearer \${process.env.HOKUS_API_KEY}\`,
${lines.join("")}  },
  body: ${javascriptBody(body)},
  signal: AbortSignal.timeout(30_000),
});
const result = await answer.json();
if (!answer.ok) throw new Error(\`\${result.code}: \${result.detail}\`);
console.log(result.predictions);`;
}

/** JavaScript's own numbers would change integers beyond 2^53, its texts do not. */
function javascriptBody(body) {
  const json = toJson(body);
  if (/\d{16}/.test(json)) return `\`${json.replace(/[\\`]|\$\{/g, "\\$&")}\``;
  return `JSON.stringify(${json.replaceAll("\n", "\n  ")})`;
}
