// Behind the numbers: the records of a piece or of one mark, as a table to search, sort and save; and files of what is shown.
import { make, save } from "./dom.js";
import { but } from "./query.js";

const FORMS = { csv: "CSV", xlsx: "Excel" };
const LENGTHS = [25, 50, 100, 250];

/** Save a piece as the button says: a picture from the browser, numbers from the server. */
export async function exported(session, button) {
  const section = button.closest("[data-piece]"), piece = section.dataset.piece, form = button.dataset.export;
  await guarded(session, button, async () => {
    if (form in FORMS) return file(session, { piece, form });
    const blob = await session.charts.image(section.querySelector("[data-slot=chart]"), form);
    save(blob, `${piece}.${form}`);
  });
  const menu = button.closest("details[data-menu]");
  if (menu) menu.open = false;
}

async function file(session, about) {
  const { blob, name } = await session.host.export(session.query, about);
  save(blob, name);
}

/** Do it while the button says that it is busy; what goes wrong is said. */
async function guarded(session, button, work) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  session.status.busy(true);
  try {
    return await work();
  } catch (error) {
    console.warn(error);
    session.status.banner("failed", error.said ?? session.say("no_file"));
  } finally {
    button.removeAttribute("aria-busy");
    session.status.busy(false);
  }
}

/** Offer in a menu only what its piece has. */
export function offer(menu) {
  const section = menu.closest("[data-piece]");
  const chart = section.querySelector("[data-slot=chart]")?.childElementCount > 0;
  const table = chart || section.querySelector("[data-slot=table]")?.childElementCount > 0;
  for (const button of menu.querySelectorAll("button")) {
    const has = button.dataset.records != null ? section.dataset.records != null : button.dataset.export in FORMS ? table : chart;
    (button.closest("li") ?? button).hidden = !has;
  }
}

/** The member of a drill's field that a mark stands for. */
function member(mark, field) {
  const value = mark[field] ?? mark.member ?? mark.group ?? mark.label;
  return value == null ? null : String(value);
}

export class Records {
  constructor(session) {
    this.session = session;
    this.drills = new Map();
  }

  /** What can be drilled into, by piece; told with each answer. */
  told(section, drill) {
    this.drills.set(section.dataset.piece, drill);
    section.toggleAttribute("data-records", Boolean(drill));
  }

  /** A button: all records of a figure, or of one tile. */
  open(button) {
    const piece = button.closest("[data-piece]").dataset.piece, kpi = button.closest("[data-kpi]")?.dataset.kpi;
    const menu = button.closest("details[data-menu]");
    if (menu) menu.open = false;
    return guarded(this.session, button, () => this.show({ piece, mark: kpi ? { kpi } : {} }, menu?.querySelector("summary") ?? button));
  }

  /** A click on a mark: its records; with Alt or the command key it filters at once. */
  picked(slot, _, mark, event) {
    const section = slot.closest("[data-piece]"), drill = this.drills.get(section.dataset.piece);
    const field = drill?.field, value = field ? member(mark, field) : null;
    const filter = value != null && this.filters(field, value) ? [field, value] : null;
    if (filter && (event?.altKey || event?.metaKey)) return this.filter(...filter);
    if (!drill) return undefined;
    const about = { piece: section.dataset.piece, mark: value == null ? {} : { [field]: value } };
    return guarded(this.session, slot, () => this.show(about, section.querySelector(".kpi-save > summary"), filter));
  }

  /** Whether the filter bar has this member. */
  filters(field, value) {
    if (field === "period") return this.session.all(".kpi-pick[data-dimension=period]").length > 0;
    return this.session.all(`.kpi-pick[data-dimension="${CSS.escape(field)}"] input`).some((box) => box.value === value);
  }

  filter(field, value) {
    this.session.change(but(this.session.query, field, [value]));
  }

  async show(about, opener, filter) {
    const { session } = this;
    const found = await session.host.records(session.query, about);
    const dialog = this.dialog(found, about, filter);
    document.body.append(dialog);
    dialog.addEventListener("close", () => (dialog.remove(), opener?.focus()));
    dialog.showModal();
    dialog.querySelector("[data-do=close]").focus();
    await this.table(dialog, found);
  }

  dialog(found, about, filter) {
    const { say } = this.session;
    const button = (text, act, attributes) => {
      const made = make("button", { type: "button", class: "kpi-button", ...attributes }, text);
      made.addEventListener("click", () => act(made));
      return made;
    };
    const files = Object.entries(FORMS).map(([form, name]) =>
      button(name, (made) => guarded(this.session, made, () => file(this.session, { ...about, form, of: "records" })), { "aria-label": say("save_records", { form: name }) }));
    const narrow = filter && button(say("filter_by", { value: filter[1] }), () => (dialog.close(), this.filter(...filter)), { "data-do": "filter" });
    const close = button("×", () => dialog.close(), { "data-do": "close", "aria-label": say("close"), class: "kpi-button kpi-close" });
    const head = make("header", { class: "kpi-dialog-head" },
      make("div", {}, make("h2", { id: "kpi-records" }, found.title), make("p", { class: "kpi-note" }, [found.slice, found.said].filter(Boolean).join(" · "))),
      make("div", { class: "kpi-dialog-tools" }, narrow, ...files, close));
    const dialog = make("dialog", { class: "kpi-dialog", "aria-labelledby": "kpi-records" }, head, make("div", { class: "kpi-records" }, plain(found)));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return dialog;
  }

  /** Search, sort and pages, by DataTables; without it the plain table stays. */
  async table(dialog, found) {
    if (!found.rows.length) return;
    try {
      const { default: DataTable } = await (this.loading ??= this.session.host.asset("tables.js").then((address) => import(address)));
      const table = dialog.querySelector("table");
      if (dialog.open) new DataTable(table, settings(DataTable, found, this.session.say));
      const scrolled = dialog.querySelector(".dt-layout-table");
      for (const [name, value] of Object.entries({ tabindex: "0", role: "group", "aria-labelledby": "kpi-records" })) scrolled?.setAttribute(name, value);
      dialog.dataset.ready = "";
    } catch (error) {
      this.loading = null;
      console.warn(error);
    }
  }
}

/** The records as a table of text: nothing of it is read as HTML. */
function plain({ columns, rows }) {
  const head = make("tr", {}, ...columns.map(({ title, number }) => make("th", { scope: "col", class: number && "kpi-number" }, title)));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell, at) =>
    make("td", { class: columns[at].number && "kpi-number" }, Array.isArray(cell) ? cell[1] : cell))));
  return make("table", { class: "kpi-table" }, make("thead", {}, head), make("tbody", {}, ...body));
}

function settings(DataTable, { columns, rows }, say) {
  // DataTables reads strings as HTML wherever it can: it is given none that is not escaped.
  const escape = DataTable.render.text().display;
  const shown = (cell, type) => {
    if (!Array.isArray(cell)) return type === "sort" || type === "type" ? escape(String(cell ?? "").toLowerCase()) : escape(cell);
    return type === "sort" || type === "type" ? cell[0] : escape(cell[1]);
  };
  return {
    data: rows,
    columns: columns.map(({ number }) => ({ render: shown, type: number ? "num" : "string", className: number ? "kpi-number" : "" })),
    order: [],
    pageLength: LENGTHS[0],
    lengthMenu: LENGTHS,
    autoWidth: false,
    deferRender: true,
    layout: { topStart: "search", topEnd: "pageLength", bottomStart: "info", bottomEnd: "paging" },
    language: {
      search: say("search"), info: say("rows_shown"), infoEmpty: say("no_row"), infoFiltered: say("rows_found"), lengthMenu: say("rows_page"), zeroRecords: say("no_row"),
      thousands: (1000).toLocaleString(document.documentElement.lang || "en").replace(/\d/g, ""),
      paginate: { first: "«", previous: "‹", next: "›", last: "»" },
      aria: { orderable: say("sort"), orderableReverse: say("sort_back"), orderableRemove: say("sort_none"), paginate: { first: say("first"), previous: say("previous"), next: say("next"), last: say("last") } },
    },
  };
}
