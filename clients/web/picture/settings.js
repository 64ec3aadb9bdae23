// How to watch: with the picture, the sound alone, or neither; captions; a window of its own.

import { Button, Sheet, html } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { MODES, wish } from "./wish.js";

/** MB an hour: 0.86 and 0.08 Mbit/s, as measured. */
const MB = { picture: 390, sound: 36, none: 0 };

export function Settings({ mode, captions, muted, onChoose, onMute, onPop, onClose }) {
  // A tap is a choice; arrow keys walk over all of them, so the sheet stays for them.
  const tapped = (event) => event.detail > 0 && setTimeout(onClose, 0);
  return html`<${Sheet} title=${t("player.settings")} onClose=${onClose} data-test="player-sheet">
    <div class="stack watch-sheet">
      <fieldset class="watch-modes">
        <legend class="quiet small">${t("player.mode")}</legend>
        ${MODES.map(
          (name) => html`<label key=${name} class="watch-mode" onClick=${tapped} data-test=${`mode-${name}`}>
            <input type="radio" name="watch-mode" value=${name} checked=${mode === name} onChange=${() => onChoose(name)} />
            <span>${t(`player.mode_${name}`)} ${MB[name] > 0 && html`<span class="quiet small num">${t("player.mb", { n: MB[name] })}</span>`}</span>
          </label>`,
        )}
      </fieldset>
      <label class="watch-mode" data-test="captions-toggle">
        <input type="checkbox" checked=${captions} onChange=${() => wish.choose({ captions: !captions })} />
        <span>${t("player.captions")} <span class="quiet small">${t("player.captions_what")}</span></span>
      </label>
      <div class="line">
        ${mode !== "none" && html`<${Button} onClick=${onMute} aria-pressed=${String(muted)} data-test="player-mute">${t(muted ? "player.unmute" : "player.mute")}<//>`}
        ${onPop && html`<${Button} onClick=${onPop} data-test="player-pop">${t("player.pop")}<//>`}
      </div>
    </div>
  <//>`;
}
