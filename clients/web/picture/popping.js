// Picture in picture, in the ways browsers have it. `canPop(video)` says whether there is one.

export function canPop(video) {
  if (!video) return false;
  if (document.pictureInPictureEnabled && video.requestPictureInPicture) return true;
  return Boolean(video.webkitSupportsPresentationMode && video.webkitSupportsPresentationMode("picture-in-picture"));
}

/** In, or out again. Whoever may not is not told: the button is simply of no use there. */
export async function pop(video) {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else if (video.requestPictureInPicture) await video.requestPictureInPicture();
    else {
      const now = video.webkitPresentationMode === "picture-in-picture" ? "inline" : "picture-in-picture";
      video.webkitSetPresentationMode(now);
    }
  } catch {
    // Refused by the browser or the system.
  }
}
