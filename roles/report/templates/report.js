// Copyright (c) 2026, The nasops.nas authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sorting and filtering. Without it the page has all rows.
"use strict";
(function () {
  const tools = document.getElementById("tools");
  const words = document.getElementById("words");
  const which = document.getElementById("which");
  const shown = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("tbody tr"));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = (which.value === "all" || "attention" in row.dataset) && wanted.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = count + " of " + rows.length + " rows shown";
  }

  function key(row, column) {
    const cell = row.cells[column];
    const number = "sort" in cell.dataset ? Number(cell.dataset.sort.replace("inf", "Infinity")) : null;
    return { number: number, text: cell.textContent.trim() };
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
    // What has no number where others have one comes last, whichever way.
    const numbers = keyed.some((one) => one.key.number !== null);
    const lacks = (one) => (numbers && one.key.number === null ? 1 : 0);
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
  }

  for (const table of document.querySelectorAll("table")) {
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
