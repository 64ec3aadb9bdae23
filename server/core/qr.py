"""QR codes as SVG, without inline style or script, so that they pass the pages' CSP as an image."""

import io

import segno


def qr_svg(text: str) -> str:
    """A square picture of the text, with the quiet zone of four modules that scanners want (ISO/IEC 18004). It has no
    size of its own: whoever shows it gives it one."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, nl=False, omitsize=True, border=4, svgclass=None, lineclass=None, light="#fff"
    )
    return out.getvalue().decode("ascii")


def qr_modules(text: str) -> list[str]:
    """The same as rows of 0 and 1 without the quiet zone, for who draws it."""
    return ["".join("1" if dark else "0" for dark in row) for row in segno.make(text, error="m", micro=False).matrix]
