/** One predict call as code: to `url`, with `headers` beside the key's, of `body`. */

import { isScalar, toJson, toPython } from "./json.js";
import { isChat } from "./signature.js";

export const LANGUAGES = { curl, Python: python, JavaScript: javascript };

/** Return `body` with its first row only. Rows are a list, or a list per column. A chat model's own
 * body has none. */
export function oneRow(body) {
  if (isChat(body)) return body;
  return mapped(body, (form, rows) => {
    if (form === "params") return rows;
    if (Array.isArray(rows)) return firstOf(rows);
    return mapped(rows, (name, column) =>
      form === "dataframe_split" && name === "columns" ? column : firstOf(column),
    );
  });
}

function firstOf(rows) {
  return Array.isArray(rows) ? rows.slice(0, 1) : rows;
}

function mapped(value, change) {
  if (isScalar(value) || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, item]) => [name, change(name, item)]));
}

function curl(url, headers, body) {
  const lines = Object.entries(headers).map(([name, value]) => `  -H '${name}: ${value}' \\\n`);
  return `curl --fail-with-body --max-time 30 '${url}' \\
  -H "Authorization: Bearer $HOKUS_API_KEY" \\
${lines.join("")}  -d '${toJson(body).replaceAll("'", "'\\''")}'`;
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
    json=${toPython(body).replaceAll("\n", "\n    ")},
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
  body: ${javascriptBody(toJson(body))},
  signal: AbortSignal.timeout(30_000),
});
const result = await answer.json();
if (!answer.ok) throw new Error(\`\${result.code}: \${result.detail}\`);
console.log(result.predictions);`;
}

/** JavaScript's own numbers would change integers beyond 2^53, its texts do not. */
function javascriptBody(json) {
  if (/\d{16}/.test(json)) return `\`${json.replace(/[\\`]|\$\{/g, "\\$&")}\``;
  return `JSON.stringify(${json.replaceAll("\n", "\n  ")})`;
}
