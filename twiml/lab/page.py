"""The report as one page of HTML that needs nothing else: picture, sound, keys, assumptions."""

from __future__ import annotations

import base64
from html import escape

from twiml.lab.picture import LEFT, LOW, RIGHT, TOP, svg
from twiml.lab.report import KeyReport, Report
from twiml.lab.text import margin_words, seconds, verdict_words

_STYLE = """
:root{--paper:#fbfaf7;--card:#fff;--ink:#1d2430;--soft:#6b7280;--line:#e2dfd6;--good:#20794a;
--bad:#b3261e;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--paper:#0e1116;--card:#14181f;--ink:#eceff4;
--soft:#98a2b3;--line:#2a313c;--good:#4cc38a;--bad:#ff6b5e}}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:72rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .35rem;letter-spacing:-.01em;overflow-wrap:anywhere}
h1 code{font-size:1em} p.verdict{margin:.25rem 0 1.5rem;font-size:1.1rem;font-weight:600}
.good{color:var(--good)} .bad{color:var(--bad)} .soft{color:var(--soft)}
figure{margin:0;overflow-x:auto;border:1px solid var(--line);border-radius:14px}
audio{width:100%;margin:1rem 0 0} table{border-collapse:collapse;width:100%;margin:2rem 0 1rem}
th,td{text-align:left;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}
th{font-weight:500;color:var(--soft);font-size:.85rem}
td.number{font-variant-numeric:tabular-nums} td.key{font-weight:700;font-size:1.1rem}
details{margin-top:1.25rem} li{margin:.15rem 0} svg{display:block}
.play{stroke:var(--bad);stroke-width:1.5;visibility:hidden}
"""
# The line through the picture follows the sound; a click on the picture moves the sound.
_SCRIPT = """
const sound=document.querySelector("audio"),picture=document.querySelector("svg.lab"),
line=document.createElementNS("http://www.w3.org/2000/svg","line"),
left=%(left)d,wide=picture.viewBox.baseVal.width-left-%(right)d,length=%(length)d/1000;
line.setAttribute("class","play");line.setAttribute("y1",%(top)d);line.setAttribute("y2",%(low)d);
picture.append(line);
const move=()=>{const x=left+wide*sound.currentTime/length;line.setAttribute("x1",x);
line.setAttribute("x2",x);line.style.visibility="visible";
if(!sound.paused)requestAnimationFrame(move)};
sound.addEventListener("play",move);sound.addEventListener("seeked",move);
picture.addEventListener("click",event=>{const at=new DOMPoint(event.clientX,event.clientY)
.matrixTransform(picture.getScreenCTM().inverse()).x;
sound.currentTime=Math.max(0,Math.min(length,(at-left)/wide*length));sound.play()});
"""


def html(report: Report, sound: bytes | None = None) -> str:
    """Return the page. ``sound`` is the call as a WAV, which is then part of it."""
    kind = "good" if report.reached else "bad"
    verdict = f"{'Reached' if report.reached else 'Not reached'}: {report.why}"
    title = f"{report.extension or 'no keys'} on {report.model}"
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main>",
        f"<h1><code>{escape(report.extension or 'no keys')}</code> on {escape(report.model)}</h1>",
        f'<p class="verdict {kind}">{escape(verdict)}</p>',
        f"<figure>{svg(report, titled=False)}</figure>",
        _sound(sound),
        _table(report),
        _trouble(report),
        (
            f"<details open><summary>What was assumed of the line</summary><p class=soft>"
            f"{escape(report.unknowns.describe())}.</p></details>"
        ),
        "</main>",
        _script(report) if sound is not None else "",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _sound(sound: bytes | None) -> str:
    if sound is None:
        return ""
    data = base64.b64encode(sound).decode()
    return f'<audio controls preload="auto" src="data:audio/wav;base64,{data}"></audio>'


def _script(report: Report) -> str:
    from_picture = {
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "low": LOW,
        "length": max(1, report.length),
    }
    return f"<script>{_SCRIPT % from_picture}</script>"


def _table(report: Report) -> str:
    if not report.keys:
        return ""
    rows = "".join(_row(report, key) for key in report.keys)
    return (
        "<table><thead><tr><th>key<th>sent at<th>what became of it<th>could be earlier by"
        f"<th>could be later by<th>heard in</tr></thead><tbody>{rows}</tbody></table>"
        '<p class="soft">Seconds since the answer. Each margin was run, and so was the millisecond '
        "beyond it; a + means that nothing beyond it was tried.</p>"
    )


def _row(report: Report, key: KeyReport) -> str:
    at = f"{seconds(report, key.at)} s" if key.at is not None else ""
    earlier, later = margin_words(key)
    kind = "good" if key.verdict.good else "bad"
    why = f'<br><span class="soft">{escape(key.why)}</span>' if not key.verdict.good else ""
    return (
        f'<tr><td class="key">{escape(key.key)}<td class="number">{at}'
        f'<td class="{kind}">{escape(verdict_words(key))}{why}'
        f'<td class="number">{earlier}<td class="number">{later}<td>{escape(key.document)}</tr>'
    )


def _trouble(report: Report) -> str:
    if not report.trouble:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in report.trouble)
    return f'<h2>Trouble in the documents</h2><ul class="bad">{items}</ul>'
