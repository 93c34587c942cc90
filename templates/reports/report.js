// Filters the findings and fills long lists when they are opened. The page reads without it.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 25, ROWS = 200;
  const $ = (id) => document.getElementById(id);
  // Text only ever enters through textContent: names from AWS stay text.
  const el = (tag, cls, ...children) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    for (const child of children) if (child !== null && child !== undefined && child !== "") node.append(child);
    return node;
  };
  const count = (n, one, many) => n.toLocaleString("en-US") + " " + (n === 1 ? one : many);
  const usd = (n) => (Math.abs(n) < 100 ? "$" + n.toFixed(2) : "$" + Math.round(n).toLocaleString("en-US"));
  document.documentElement.classList.add("js");

  // A finding: [group, resource, message, evidence, note, because, environment]. A resource: [type, name, id, region, …].
  const groups = data.groups.map((g, at) => ({ at, ...g, node: document.querySelector(`[data-group="${at}"]`), finds: [], shown: [], open: PAGE }));
  for (const f of data.finds) {
    const r = data.res[f[1]];
    const group = groups[f[0]];
    const text = [group.title, group.rule, f[2], r[1], r[2], data.kinds[r[0]][0]].join("\n").toLowerCase();
    group.finds.push({ f, r, text, env: f[6], service: data.kinds[r[0]][2] });
  }

  const item = ({ f, r, env }) => {
    const where = el("span", "where", el("code", "", r[2]), [" ", data.kinds[r[0]][0], data.regions[r[3]], data.envs[env]].filter(Boolean).join(" · "));
    const node = el("li", "item", el("h4", "", r[1]), where, el("p", "", f[2]));
    if (f[5]) node.append(el("p", "quiet", f[5].join("; ")));
    const entries = Object.entries(f[3] || {});
    if (entries.length) {
      const p = el("p", "evidence", "Read: ");
      for (const [path, value] of entries) p.append(el("code", "", path + " = " + JSON.stringify(value)), " ");
      node.append(p);
    }
    if (f[4]) node.append(el("p", "quiet", f[4]));
    return node;
  };
  const fill = (group) => {
    const list = group.node.querySelector(".items");
    list.replaceChildren(...group.shown.slice(0, group.open).map(item));
    const rest = group.shown.length - group.open;
    if (rest > 0) {
      const button = el("button", "more", `Show ${Math.min(rest, PAGE * 4).toLocaleString("en-US")} more of ${rest.toLocaleString("en-US")}`);
      button.type = "button";
      button.addEventListener("click", () => { group.open += PAGE * 4; fill(group); });
      list.append(el("li", "", button));
    }
    group.filled = true;
  };

  const levels = [...document.querySelectorAll(".levels button")];
  const apply = () => {
    const words = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const on = new Set(levels.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.level));
    const [category, env, service, status] = ["category", "env", "service", "status"].map((id) => $(id).value);
    let shown = 0, all = 0;
    for (const group of groups) {
      const fits = on.has(group.severity) && (!category || group.category === category) && (!status || group.status === status);
      group.shown = fits ? group.finds.filter((x) =>
        (!env || data.envs[x.env] === env) && (!service || x.service === service) && words.every((w) => x.text.includes(w))) : [];
      all += group.finds.length;
      shown += group.shown.length;
      group.node.hidden = group.shown.length === 0;
      group.node.querySelector(".number").textContent = count(group.shown.length, "resource", "resources");
      group.open = PAGE;
      group.filled = false;
      if (group.node.open) fill(group);
    }
    for (const part of document.querySelectorAll("[data-part]")) part.hidden = !groups.some((g) => g.status === part.dataset.part && g.shown.length);
    $("shown").textContent = shown === all ? count(all, "finding", "findings") : `${shown.toLocaleString("en-US")} of ${count(all, "finding", "findings")}`;
    $("nothing").hidden = shown > 0 || all === 0;
  };
  if ($("q")) {
    for (const group of groups) group.node.addEventListener("toggle", () => { if (group.node.open && !group.filled) fill(group); });
    let timer;
    $("q").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
    for (const id of ["category", "env", "service", "status"]) $(id).addEventListener("change", apply);
    for (const button of levels) button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
    apply();
  }

  // Inventory tables that were too long for the page: made when opened.
  const lazy = [...document.querySelectorAll("[data-env]")];
  if (lazy.length) {
    const byPlace = new Map();
    data.res.slice(0, data.rows).forEach((r) => {
      const key = r[4] + ":" + r[0];
      if (!byPlace.has(key)) byPlace.set(key, []);
      byPlace.get(key).push(r);
    });
    const cost = (r) => (r[5] === null ? "not known" : r[5] === 0 ? "" : (r[6] ? "" : "≥ ") + usd(r[5]));
    for (const details of lazy) details.addEventListener("toggle", () => {
      const box = details.querySelector(".scroll");
      if (!details.open || box.firstChild) return;
      const rows = byPlace.get(details.dataset.env + ":" + details.dataset.kind) || [];
      const body = el("tbody");
      const head = el("tr", "", ...["Name", "Id", "Region", "State", "Open ports", "Findings", "A month"].map((h) => el("th", "", h)));
      box.append(el("table", "", el("thead", "", head), body));
      const add = (from) => {
        for (const r of rows.slice(from, from + ROWS)) {
          const td = (text, cls) => el("td", cls, text);
          body.append(el("tr", "", td(r[1]), el("td", "", el("code", "", r[2])), td(data.regions[r[3]]), td(r[7] || ""), td(r[8] || "", "text-critical"), td(r[9] ? String(r[9]) : "", "n"), td(cost(r), "n")));
        }
        if (from + ROWS < rows.length) {
          const button = el("button", "more", `Show more of ${(rows.length - from - ROWS).toLocaleString("en-US")}`);
          button.type = "button";
          button.addEventListener("click", () => { button.remove(); add(from + ROWS); });
          box.append(button);
        }
      };
      add(0);
    });
  }

  // From the inventory and the picture to the findings of a resource.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-find]");
    if (link && $("q")) { $("q").value = link.dataset.find; apply(); }
  });

  // On paper everything is open but the tables of the inventory, which would bury the rest.
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details.rule, details.plain, details.env")) if (!details.hidden) details.open = true;
    for (const group of groups) if (!group.filled && group.node.open) fill(group);
  });
})();
