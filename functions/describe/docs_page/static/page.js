/** The key and the list of models. */

import { problem } from "./answers.js";
import { BASE, call } from "./api.js";
import { badge, byId, element, on, show } from "./elements.js";
import { close, open } from "./model.js";

const KEPT_AS = "hokus-api-key";

/** The models of the key in use; answers for an earlier key are dropped. */
let list = { models: [] };

async function useKey() {
  const key = byId("key").value.trim();
  const loading = startWith(key);
  byId("use-key").disabled = true;
  const answer = await load();
  byId("use-key").disabled = false;
  if (list !== loading) return;
  show("key-problem", problem(answer));
  if (!answer.ok) return;
  sessionStorage.setItem(KEPT_AS, key);
  byId("forget").hidden = false;
  byId("workbench").hidden = false;
  await openNamed();
}

function startWith(key) {
  list = { key, models: [] };
  close();
  show("key-problem");
  byId("workbench").hidden = true;
  return list;
}

function forgetKey() {
  sessionStorage.removeItem(KEPT_AS);
  startWith("");
  byId("forget").hidden = true;
  byId("key").value = "";
  byId("key").focus();
}

/** Load the next models, and show them if they came. */
async function load() {
  const loading = list;
  const query = loading.next ? `?cursor=${encodeURIComponent(loading.next)}` : "";
  const answer = await call(`${BASE}models${query}`, { key: loading.key });
  if (answer.ok) {
    loading.models.push(...answer.json.models);
    loading.next = answer.json.next_cursor;
    showModels();
  }
  return answer;
}

async function loadMore() {
  const before = list.models.length;
  const answer = await load();
  show("models-problem", problem(answer));
  byId("models").children[before]?.querySelector("button").focus();
}

function showModels() {
  show("models", ...list.models.map(entry));
  byId("more").hidden = !list.next;
  byId("no-models").hidden = list.models.length > 0;
}

function entry({ model_id: name, model_version: version, status }) {
  const button = element(
    "button",
    { type: "button", ariaCurrent: name === namedModel() },
    element("strong", {}, name),
    element("br", {}),
    `version ${version} `,
    badge(status),
  );
  button.addEventListener("click", () => {
    location.hash = encodeURIComponent(name);
  });
  return element("li", {}, button);
}

/** Return the model after the `#`, which browsers never send. */
function namedModel() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

async function openNamed() {
  showModels();
  const name = namedModel();
  if (name && list.key) await open(name, list.key);
  else close();
}

on("key-form", "submit", useKey);
on("forget", "click", forgetKey);
on("more", "click", loadMore);
addEventListener("hashchange", openNamed);
show("address", `${BASE}models/{model_id}/predict`);

byId("key").value = sessionStorage.getItem(KEPT_AS) ?? "";
if (byId("key").value) useKey();
