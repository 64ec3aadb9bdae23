// Beside a receipt: an image of it to keep (long press, as WeChat does it), and two questions that may be left alone.
// Fetched after the receipt stands (viewer/later.js).

import { Button, html, useEffect, useState } from "../../shared/components.js";
import { t } from "../../shared/i18n.js";
import { app } from "../app.js";
import { receiptImage } from "./receipt_image.js";

/** 几天能到岗？ In days. */
const DAYS = [0, 3, 7, 15];

export function After({ position, reply, mine }) {
  return html`<${Questions} application=${reply.application} about=${(mine && mine.about) || {}} />
    <${Keep} position=${position} reply=${reply} />`;
}

function Questions({ application, about }) {
  const [night, setNight] = useState(about.night_shift || "");
  const [days, setDays] = useState(about.start_in_days ?? null);
  const [told, setTold] = useState(false);

  function tell(change) {
    const now = { night_shift: night, start_in_days: days, ...change };
    setNight(now.night_shift);
    setDays(now.start_in_days);
    setTold(true);
    const command = { t: "tell_more", application, night_shift: now.night_shift };
    if (now.start_in_days !== null) command.start_in_days = now.start_in_days;
    app.outbox.put(command, {});
  }

  return html`<section class="stack" aria-label=${t("after.questions")} data-test="after-questions">
    <p class="quiet small">${t("after.questions")}</p>
    <div class="line" role="group" aria-label=${t("after.night")}>
      <span>${t("after.night")}</span>
      ${["yes", "no"].map(
        (answer) => html`<${Button} key=${answer} small aria-pressed=${String(night === answer)} onClick=${() => tell({ night_shift: answer })} data-test="night-${answer}"
          >${t(`after.night_${answer}`)}<//
        >`,
      )}
    </div>
    <div class="line" role="group" aria-label=${t("after.days")}>
      <span>${t("after.days")}</span>
      ${DAYS.map(
        (n) => html`<${Button} key=${n} small aria-pressed=${String(days === n)} onClick=${() => tell({ start_in_days: n })} data-test="days-${n}">${t(`after.days_${n}`)}<//>`,
      )}
    </div>
    <p class="small safe-word" role="status">${told ? t("after.told") : ""}</p>
  </section>`;
}

function Keep({ position, reply }) {
  const [image, setImage] = useState("");
  useEffect(() => {
    setImage(receiptImage({ position, receipt: reply.receipt }));
  }, []);
  if (!image) return null;
  return html`<figure class="stack keep">
    <img class="keep__image" src=${image} alt=${t("after.image_alt", { receipt: reply.receipt, title: position.title })} data-test="receipt-image" />
    <figcaption class="quiet small">${t("after.image_keep")}</figcaption>
  </figure>`;
}
