"""The form to apply with, and the receipt: the whole way without scripts."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from server.core.consent_texts import CONSENTS
from server.core.limits import MIN_AGE_YEARS, NAME_LIMIT
from server.core.model import Position
from server.core.protocol import Receipt
from server.web.plain.markup import Markup, el, join
from server.web.plain.pieces import Offer
from server.web.plain.words import Words

KEY_MARK = "__KEY__"
TOKEN_MARK = "__TOKEN__"
SOURCE_MARK = "__SOURCE__"
"""Stand in a page that is kept for all, and are replaced for each who asks."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled into the form, and what was wrong with it. `errors` by field; "" is the whole form."""

    name: str = ""
    phone: str = ""
    for_whom: str = ""
    errors: Mapping[str, str] = {}


def apply_form(t: Words, offer: Offer, *, consent: str, contact: str, typed: Typed) -> Markup:
    """The form: name, phone, for whom, who receives it, and 我已满16岁 in the button."""
    position, spot = offer.position, offer.spot
    assert spot is not None
    enterprise = position.enterprise_name or offer.enterprise.name
    hidden = {
        "key": KEY_MARK,
        "token": TOKEN_MARK,
        "session": spot.session,
        "consent": consent,
        "source": SOURCE_MARK,
        "version": str(position.version),
    }
    return el(
        "form",
        [el("input", type="hidden", name=name, value=value) for name, value in hidden.items()],
        el("h2", t("apply.to", title=position.title), id="apply"),
        el("p", typed.errors[""], class_="form-error", role="alert") if typed.errors.get("") else None,
        _field(t("apply.name"), "name", typed, hint=t("apply.name_hint"), autocomplete="name", maxlength="40"),
        _field(t("apply.phone"), "phone", typed, type="tel", inputmode="tel", autocomplete="tel", maxlength="24"),
        _field(t("apply.for_whom_plain"), "for_whom", typed, hint=t("apply.for_whom_hint"), maxlength=str(NAME_LIMIT)),
        _consent(t, consent, enterprise, contact),
        el("button", t("apply.confirm", years=MIN_AGE_YEARS), class_="btn btn--main btn--wide"),
        action=t.link(f"/position/{quote(position.id, safe='')}/apply"),
        method="post",
        class_="stack card",
        data_plain="apply",
    )


def _consent(t: Words, version: str, enterprise: str, contact: str) -> Markup:
    """What is agreed to, in the very words of that version."""
    text = CONSENTS.get(version)
    if text is None:
        return el("p", t("apply.consent", enterprise=enterprise), class_="consent")
    words = text.words[t.locale]
    named = {"enterprise": enterprise, "contact": contact}
    whole = (words.recipient, words.purpose, words.kinds, words.keeping, words.rights, words.contact)
    return el(
        "div",
        el("p", words.short.format(**named)),
        el("ul", [el("li", line.format(**named)) for line in whole]),
        class_="consent stack",
    )


def _field(label: str, name: str, typed: Typed, *, hint: str = "", **attributes: str) -> Markup:
    error = typed.errors.get(name, "")
    described = " ".join(filter(None, (f"plain-{name}-hint" if hint else "", f"plain-{name}-error" if error else "")))
    given = el(
        "input",
        id=f"plain-{name}",
        name=name,
        class_="input",
        value=getattr(typed, name),
        aria_describedby=described or None,
        aria_invalid="true" if error else None,
        autofocus=bool(error),
        **attributes,
    )
    return el(
        "div",
        el("label", label, for_=f"plain-{name}", class_="field__label"),
        el("p", hint, class_="field__hint", id=f"plain-{name}-hint") if hint else None,
        given,
        el("p", error, class_="field__error", id=f"plain-{name}-error") if error else None,
        class_="field",
    )


def receipt(t: Words, position: Position, reply: Receipt) -> Markup:
    """What somebody keeps, and what happens next."""
    done = "receipt.already_words" if reply.already else "receipt.saved"
    return join(
        (
            el("h1", t("receipt.already" if reply.already else "receipt.title")),
            el(
                "div",
                el("p", t(done), class_="receipt__done"),
                el(
                    "p",
                    el("span", t("receipt.number"), class_="quiet"),
                    " ",
                    el("strong", reply.receipt, class_="num receipt__number", data_test="receipt-number"),
                ),
                el("p", position.title, lang=t.theirs),
                el("p", position.enterprise_name, class_="quiet small", lang=t.theirs),
                class_="receipt",
            ),
            el("h2", t("receipt.next")),
            el("ol", [el("li", t(name)) for name in ("receipt.next_1", "receipt.next_call")], class_="next"),
            el("p", t("receipt.keep")),
            el("p", t("receipt.no_fee"), class_="quiet small"),
        )
    )
