/** How answers are shown: predictions, and problems (RFC 9457). */

import { element, scrolling, table } from "./elements.js";
import { parseExactly, toJson } from "./json.js";

const LONGEST = 100_000;
const SHOWN_HEADERS = ["X-Request-Id", "Server-Timing", "Retry-After"];

/** Return the outcome of a call on one line. */
export function summary(answer) {
  const time = `${Math.round(answer.ms)} ms`;
  if (answer.status === 0) return `${answer.json.title} after ${time}`;
  const title = answer.ok ? "OK" : (answer.json?.title ?? "");
  return `${answer.status} ${title} in ${time}`;
}

/** Return `answer` as elements. */
export function shown(answer) {
  const body = answer.ok ? [] : problem(answer);
  return [...body, headers(answer), ...raw(answer)].filter((part) => part !== null);
}

/** Return the problem that `answer` holds as elements. */
export function problem(answer) {
  const { json = {} } = answer;
  const code = json.code ?? "no_problem_document";
  const wait = json.retry_after_s ?? answer.header("Retry-After");
  const parts = [
    element(
      "p",
      { className: "problem" },
      element("strong", {}, `${json.title ?? `Status ${answer.status}`}. `),
      json.detail ?? "The answer does not say why.",
    ),
    table(
      "What is wrong with the body",
      ["Where", "What"],
      (json.errors ?? []).map((fault) => [
        element("code", {}, fault.pointer || "the whole body"),
        fault.message,
      ]),
    ),
    element("p", { className: "hint" }, retryText(json, wait), " ", about(code, json.type)),
  ];
  return parts.filter((part) => part !== null);
}

function retryText({ retryable }, wait) {
  if (wait !== null && wait !== undefined) return `Worth trying again in ${wait} s.`;
  if (retryable === undefined) return "";
  return retryable ? "Worth trying again." : "Trying the same again will not help.";
}

function about(code, type) {
  if (!/^https:\/\//.test(type ?? "")) return element("code", {}, code);
  const link = { href: type, target: "_blank", rel: "noreferrer" };
  return element("a", link, "About ", element("code", {}, code));
}

function headers(answer) {
  const found = SHOWN_HEADERS.map((name) => [name, answer.header(name)]);
  const rows = found.filter(([, value]) => value);
  if (!rows.length) return null;
  const terms = rows.flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, value),
  ]);
  return element("dl", {}, ...terms);
}

function raw(answer) {
  if (!answer.text) return [];
  const text = pretty(answer.text);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
  return [scrolling("pre", "Body of the answer", element("code", {}, cut))];
}

function pretty(text) {
  try {
    return toJson(parseExactly(text));
  } catch {
    return text;
  }
}
