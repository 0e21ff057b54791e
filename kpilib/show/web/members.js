// A list whose values depend on another list of its figure: only the members of the dimension chosen there are offered.

/** Offer in each such list of a figure what goes with the other list. */
export function narrow(section) {
  for (const list of section.querySelectorAll("select[data-on]")) {
    const of = section.querySelector(`[data-list="${CSS.escape(list.dataset.on)}"]`)?.value;
    for (const option of list.options) option.hidden = option.disabled = option.dataset.of !== of;
  }
}
