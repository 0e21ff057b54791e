// The sliders of figures: what the number says stands beside it while it moves; the figure follows when it is let go.

/** Say a slider's value, to those who see it and to those who hear it. */
export function tell(slider) {
  const { min, step, value, dataset } = slider;
  const text = JSON.parse(dataset.said)[Math.round((value - min) / step)] ?? value;
  slider.setAttribute("aria-valuetext", text);
  slider.parentElement.querySelector("output").value = text;
}

/** Whether an element is a slider of a figure. */
export const slides = (element) => element.matches?.("input[type=range][data-list]") ?? false;

/** Put the answer's value into a list or a slider; a slider that is being moved stays in the reader's hand. */
export function put(list, value) {
  if (!slides(list)) list.value = value;
  else if (!list.matches(":active")) (list.value = value), tell(list);
}
