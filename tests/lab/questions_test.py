"""The eight questions of docs/metrics.md have their answers in the lab; after alert_test, whose pulled
link is an interruption."""

import re
import unittest

import laboratory

DOCUMENT = laboratory.REPOSITORY / "docs" / "metrics.md"
S1_IS_HEARD_BY = {("video-a", host) for host in laboratory.RECEIVERS} | {
    (stream, host) for stream in ("market-data", "market-6") for host in ("h1", "h2", "h4")}


def questions():
    """Text before a query -> the query."""
    section = DOCUMENT.read_text().partition("\n## Questions\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"\n\n(\S[^\n]*(?:\n[^\n`]+)*):?\n\n```promql\n(.*?)\n```", section, re.S))


class Questions(unittest.TestCase):
    def answer(self, words):
        query, = (query for text, query in questions().items() if words in text)
        return laboratory.shared().prometheus.query(query)

    def eventually(self, words, expected):
        laboratory.eventually(60, lambda: expected(self.answer(words)))
        self.assertTrue(expected(self.answer(words)), self.answer(words))

    def test_there_are_eight(self):
        self.assertEqual(len(questions()), 8)

    def test_who_loses_most(self):
        self.eventually("Who loses most", lambda found: "h2" in {labels["instance"] for labels, _ in found})

    def test_who_does_not_receive_what_it_should(self):
        def silent(found):
            return {(labels["instance"], labels["stream"]) for labels, _ in found}

        self.eventually("does not receive", lambda found: silent(found) == {
            ("h1", "nobody-sends"), ("h3", laboratory.ODD_NAME)})

    def test_how_many_hops(self):
        pairs = len(laboratory.SENDERS) * len(laboratory.RECEIVERS)
        self.eventually("How many hops", lambda found: len(found) == pairs)

    def test_whose_path_has_changed(self):
        self.assertEqual(self.answer("Whose path"), [])

    def test_what_is_joined_but_silent(self):
        def silent(found):
            return {(labels["instance"], labels["group"]) for labels, _ in found}

        self.eventually("joined but silent", lambda found: silent(found) == {
            ("h1", "239.88.9.9"), ("h3", "239.88.9.10")})

    def test_the_worst_interruption_of_the_last_hour(self):
        self.eventually("worst interruption", lambda found: {
            (labels["stream"], labels["instance"]) for labels, seconds in found if seconds > 3
        } <= S1_IS_HEARD_BY and len(found) == 5)

    def test_where_dscp_is_rewritten(self):
        def remarks(found):
            return {(labels["instance"], labels["stream"], labels["sent"], labels["arrived"]) for labels, _ in found}

        self.eventually("DSCP is rewritten", lambda found: remarks(found) == {
            ("h4", "video-a", "EF", "CS1"), ("h4", "video-b", "AF41", "CS1"), ("h4", "video-c", "CS5", "CS1"),
            ("h4", "video-6", "AF41", "CS1"), ("h4", "market-data", "CS3", "CS1"), ("h4", "market-6", "CS3", "CS1")})

    def test_how_many_bits_arrive(self):
        self.eventually("How many bits", lambda found: bool(found) and all(bits > 0 for _, bits in found))
