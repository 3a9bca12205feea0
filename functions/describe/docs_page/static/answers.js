/** Answers as elements: predictions, and problems (RFC 9457). */

import { element, scrolling, table } from "./elements.js";
import { parseExactly, toJson } from "./json.js";

const LONGEST = 100_000;
const SHOWN_HEADERS = ["X-Request-Id", "Server-Timing", "Retry-After"];

/** Return the outcome of a call on one line. */
export function summary({ status, ok, json, ms }) {
  const title = ok ? "OK" : (json?.title ?? "");
  return `${status || ""} ${title} in ${Math.round(ms)} ms`;
}

/** Return the problem that `answer` holds; null when it is a success. */
export function problem(answer) {
  if (answer.ok) return null;
  const { title, detail, errors, code, type } = answer.json ?? {};
  const about = element("code", {}, code ?? "no_problem_document");
  const link = { href: type, target: "_blank", rel: "noreferrer" };
  const faults = errors?.map(({ pointer, message }) => [
    element("code", {}, pointer || "the whole body"),
    message,
  ]);
  return element(
    "div",
    { className: "problem" },
    element("strong", {}, `${title ?? `Status ${answer.status}`}. `),
    detail ?? "The answer does not say why.",
    table("What is wrong with the body", ["Where", "What"], faults),
    element(
      "p",
      { className: "hint" },
      retryText(answer),
      type?.startsWith("https://") ? element("a", link, "About ", about) : about,
    ),
  );
}

function retryText({ json, headers }) {
  const wait = json?.retry_after_s ?? headers.get("Retry-After");
  if (wait !== null) return `Worth trying again in ${wait} s. `;
  if (json?.retryable === undefined) return "";
  return json.retryable ? "Worth trying again. " : "Trying the same again will not help. ";
}

/** Return the headers of `answer` that help to find the call again. */
export function callFacts({ headers }) {
  const found = SHOWN_HEADERS.filter((name) => headers.has(name));
  return element(
    "dl",
    {},
    ...found.flatMap((name) => [element("dt", {}, name), element("dd", {}, headers.get(name))]),
  );
}

/** Return the body of `answer`, cut when it is very long; null without one. */
export function body({ text, json }) {
  if (!text) return null;
  const whole = json === undefined ? text : toJson(parseExactly(text));
  const cut = whole.length > LONGEST ? `${whole.slice(0, LONGEST)} …` : whole;
  return scrolling("pre", "Body of the answer", cut);
}
