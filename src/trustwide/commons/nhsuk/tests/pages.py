"""Reads pages the way a person does: the words in each cell of each table, the links, the visible text."""

from __future__ import annotations

from html.parser import HTMLParser

UNSEEN = {"title", "script", "style"}


class Page(HTMLParser):
    """`tables`: for each table its rows of cell texts; `links`: (text, address); `text`: all of it."""

    def __init__(self, response):
        super().__init__()
        self.tables, self.links, self.words = [], [], []
        self._cell = self._link = None
        self._unseen = 0
        self._phone_heading = False  # repeated in each cell, and shown on a phone in place of the head
        self.feed(response.content.decode())

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []
        elif tag == "a":
            self._link = ([], dict(attrs).get("href", ""))
        self._unseen += tag in UNSEEN
        self._phone_heading |= "nhsuk-table__heading" in dict(attrs).get("class", "").split()

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "a" and self._link:
            self.links.append((" ".join("".join(self._link[0]).split()), self._link[1]))
            self._link = None
        self._unseen -= tag in UNSEEN
        self._phone_heading = False

    def handle_data(self, data):
        if self._unseen or self._phone_heading:
            return
        self.words.append(data)
        if self._cell is not None:
            self._cell.append(data)
        if self._link:
            self._link[0].append(data)
