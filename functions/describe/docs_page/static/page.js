/** The key and the list of models. */

import { problem } from "./answers.js";
import { BASE, call } from "./api.js";
import { badge, byId, element, show } from "./elements.js";
import { close, open } from "./model.js";

const KEPT_AS = "hokus-api-key";

const list = { models: [], next: null, key: "" };

async function useKey(key) {
  reset(key);
  if (!/^[\x21-\x7e]+$/.test(key)) {
    show("key-problem", element("p", { className: "problem" }, "That cannot be a key."));
    return;
  }
  byId("use-key").disabled = true;
  const answer = await load();
  byId("use-key").disabled = false;
  if (list.key !== key) return;
  if (!answer.ok) {
    show("key-problem", ...problem(answer));
    return;
  }
  sessionStorage.setItem(KEPT_AS, key);
  byId("forget").hidden = false;
  byId("workbench").hidden = false;
  await openNamed();
}

/** Start afresh with `key`. */
function reset(key) {
  Object.assign(list, { models: [], next: null, key });
  close();
  show("key-problem");
  byId("workbench").hidden = true;
}

function forgetKey() {
  sessionStorage.removeItem(KEPT_AS);
  reset("");
  byId("forget").hidden = true;
  byId("key").value = "";
  byId("key").focus();
}

/** Load the next page of models, and show it if it came. */
async function load() {
  const query = list.next ? `?cursor=${encodeURIComponent(list.next)}` : "";
  const { key } = list;
  const answer = await call(`${BASE}models${query}`, { key });
  if (answer.ok && list.key === key) {
    list.models.push(...answer.json.models);
    list.next = answer.json.next_cursor ?? null;
    showModels();
  }
  return answer;
}

async function loadMore() {
  show("models-problem");
  const before = list.models.length;
  const answer = await load();
  if (!answer.ok) show("models-problem", ...problem(answer));
  byId("models").children[before]?.querySelector("button").focus();
}

function showModels() {
  show("models", ...list.models.map(entry));
  byId("more").hidden = list.next === null;
  byId("no-models").hidden = list.models.length > 0;
}

function entry({ model_id, model_version, status }) {
  const version = element("span", { className: "hint" }, `version ${model_version}`);
  const name = element("span", { className: "name" }, model_id);
  const button = element("button", { type: "button" }, name, version, badge(status));
  button.setAttribute("aria-current", String(model_id === nameInAddress()));
  button.addEventListener("click", () => {
    location.hash = encodeURIComponent(model_id);
  });
  return element("li", {}, button);
}

/** Return the model after the `#`, which browsers never send. */
function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

async function openNamed() {
  showModels();
  const name = nameInAddress();
  if (name && list.key) await open(name, list.key);
  else close();
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(byId("key").value.trim());
});
byId("forget").addEventListener("click", forgetKey);
byId("more").addEventListener("click", loadMore);
addEventListener("hashchange", openNamed);
byId("address").textContent = `${BASE}models/{model_id}/predict`;

const kept = sessionStorage.getItem(KEPT_AS);
if (kept) {
  byId("key").value = kept;
  useKey(kept);
}
