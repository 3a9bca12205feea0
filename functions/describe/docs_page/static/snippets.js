/**
 * One predict call in three languages: to `url` (percent-encoded), with `headers` beside the key's,
 * of `body` (a value that `json.js` has read).
 */

import { toJson, toPython } from "./json.js";

export const LANGUAGES = { curl, Python: python, JavaScript: javascript };

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
