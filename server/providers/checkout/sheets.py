"""The stand-in's pages as HTML: no script, nothing inline, everything that comes from outside escaped."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING, Final

from server.providers.checkout.cards import CARDS, GOOD, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.providers.checkout.store import Checkout, Customer, Invoice, Portal, Subscription

NOTICE: Final = (
    "Local payments: a stand-in for trying things out. No money is taken, and no real card is accepted."
)

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>$title</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="dark light">
    <meta name="robots" content="noindex">
    <link rel="stylesheet" href="/web/css/tokens.css">
    <link rel="stylesheet" href="/web/css/base.css">
    <link rel="stylesheet" href="/web/css/controls.css">
    <link rel="stylesheet" href="/pay/pay.css">
  </head>
  <body>
    <main class="pay">
      <p class="notice">$notice</p>
      <div class="sheet">
        <h1>$title</h1>
        $content
      </div>
    </main>
  </body>
</html>
""")
_FIELD: Final = Template("""<label>Test card
            <input name="number" value="$number" inputmode="numeric" autocomplete="off" required>
          </label>
          <p class="small">$cards</p>""")


def money(amount_minor: int, currency: str) -> str:
    """`9.00 EUR`."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d} {currency}"


def checkout_page(checkout: Checkout, wrong: str = "") -> str:
    """What is bought, for how much, and where a test card goes."""
    every = f" a {checkout.every}" if checkout.every else ""
    content = f"""<p class="price">{money(checkout.amount_minor, escape(checkout.currency))}{every}</p>
        {_wrong(wrong)}
        <form method="post">
          {_field()}
          <p class="actions">
            <button class="button primary" name="action" value="pay">Pay</button>
            <button class="button" name="action" value="cancel" formnovalidate>Not now</button>
          </p>
        </form>"""
    return _page(checkout.label, content)


def portal_page(
    portal: Portal,
    customer: Customer,
    subscriptions: Sequence[Subscription],
    invoices: Sequence[Invoice],
    wrong: str = "",
) -> str:
    """Subscriptions, the card, the bills, and the way back."""
    content = f"""{"".join(_subscription(subscription) for subscription in subscriptions)}
        {_wrong(wrong)}
        <form method="post">
          <p class="soft">{f"Card ending in {escape(customer.card)}" if customer.card else "No card yet"}</p>
          {_field()}
          <p class="actions"><button class="button" name="action" value="card">Use this card</button></p>
        </form>
        {_invoices(invoices)}
        <p><a href="{escape(portal.return_url)}">Back to Soundwell</a></p>"""
    return _page("Your payments", content)


def message_page(title: str, sentence: str) -> str:
    """When there is nothing to do."""
    return _page(title, f"<p>{escape(sentence)}</p>")


def _page(title: str, content: str) -> str:
    return _PAGE.substitute(title=escape(title), notice=NOTICE, content=content)


def _field() -> str:
    cards = " · ".join(f"{grouped(number)} {card.what}" for number, card in CARDS.items())
    return _FIELD.substitute(number=grouped(GOOD), cards=cards)


def _wrong(sentence: str) -> str:
    return f'<p class="wrong" role="alert">{escape(sentence)}</p>' if sentence else ""


def _subscription(subscription: Subscription) -> str:
    day = f"{subscription.period_end:%-d %B %Y}"
    if subscription.status == "ended":
        return f'<p class="soft">{escape(subscription.label)}: ended</p>'
    if subscription.cancel_at_period_end:
        state, action, words = f"ends on {day}", "resume", "Keep it"
    else:
        state, action, words = f"renews on {day}", "cancel", "Cancel subscription"
    if subscription.status == "past_due":
        state = "waits for a card that works"
    return f"""<form method="post">
          <p>{escape(subscription.label)}, {money(subscription.amount_minor, escape(subscription.currency))}
            a {subscription.every}: {state}</p>
          <input type="hidden" name="subscription" value="{escape(subscription.id)}">
          <p class="actions"><button class="button" name="action" value="{action}">{words}</button></p>
        </form>"""


def _invoices(invoices: Sequence[Invoice]) -> str:
    if not invoices:
        return ""
    rows = "".join(
        f"<tr><td>{invoice.issued_at:%Y-%m-%d}</td>"
        f"<td>{money(invoice.amount_minor, escape(invoice.currency))}</td><td>{invoice.status}</td></tr>"
        for invoice in invoices
    )
    head = "<thead><tr><th>Date</th><th>Amount</th><th>State</th></tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"
