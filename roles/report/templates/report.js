// Copyright (c) 2026, The nasops.nas authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sorting and filtering. Without it the page has all rows.
"use strict";
(function () {
  const tools = document.getElementById("tools");
  const words = document.getElementById("words");
  const which = document.getElementById("which");
  const shown = document.getElementById("shown");
  const tables = Array.from(document.querySelectorAll("table"));
  const rows = Array.from(document.querySelectorAll("tbody tr"));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  let counted = "";

  function say(count, order) {
    counted = count;
    shown.textContent = counted + (order ? ". " + order : "");
  }

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const table of tables) {
      const own = Array.from(table.tBodies[0].rows);
      let few = 0;
      for (const row of own) {
        const fits = (which.value === "all" || "attention" in row.dataset) && wanted.every((word) => texts.get(row).includes(word));
        row.hidden = !fits;
        few += fits ? 1 : 0;
      }
      table.caption.querySelector(".fits").textContent = few === own.length ? "" : " Shown: " + (few || "none") + ".";
      count += few;
    }
    say(count + " of " + rows.length + " rows shown");
  }

  function key(row, column) {
    const cell = row.cells[column];
    const number = "sort" in cell.dataset ? Number(cell.dataset.sort.replace("inf", "Infinity")) : null;
    const text = cell.textContent.trim();
    return { number: number, text: text, lacks: text === "" || text === "not reported" };
  }

  function compare(one, other) {
    if (one.number !== null && other.number !== null) {
      return one.number < other.number ? -1 : one.number > other.number ? 1 : 0;
    }
    return order.compare(one.text, other.text);
  }

  function sort(table, column) {
    const headings = Array.from(table.tHead.rows[0].cells);
    const down = headings[column].getAttribute("aria-sort") === "ascending";
    const body = table.tBodies[0];
    const keyed = Array.from(body.rows).map((row) => ({ row: row, key: key(row, column) }));
    // What says nothing, or has no number where others have one, comes last, whichever way.
    const numbers = keyed.some((one) => one.key.number !== null);
    const lacks = (one) => (one.key.lacks || (numbers && one.key.number === null) ? 1 : 0);
    keyed.sort((one, other) => lacks(one) - lacks(other) || (down ? -1 : 1) * compare(one.key, other.key));
    for (const one of keyed) {
      body.appendChild(one.row);
    }
    headings.forEach((heading, number) => {
      if (number === column) {
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      } else {
        heading.removeAttribute("aria-sort");
      }
    });
    // Not every screen reader tells that aria-sort has changed.
    const title = table.closest("section").querySelector("h2").textContent;
    say(counted, title + " sorted by " + headings[column].textContent + (down ? ", descending" : ", ascending"));
  }

  for (const table of tables) {
    const fits = document.createElement("span");
    fits.className = "fits";
    table.caption.appendChild(fits);
    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent.trim();
      button.title = "Sort by this column";
      heading.replaceChildren(button);
      button.addEventListener("click", () => sort(table, column));
    });
  }
  words.addEventListener("input", filter);
  which.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
  filter();
})();
