"""A report as one HTML page: all that was given is in it, and none of it is code."""

import pandas as pd

from segutils.plumbing import pages


def test_a_page_shows_all_and_names_are_text_not_code(tmp_path):
    table = pd.DataFrame({"IoU": [0.12345]}, index=["<script>alert(1)</script>"])
    images = [('a"b', 'overlays/x".png')]
    pages.write_page(tmp_path / "report.html", title="A & B", summary="<b>", tables={"T": table}, images=images)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "0.123" in text
    assert "A &amp; B" in text
    assert "&lt;b&gt;" in text
    assert "<script>" not in text
    assert 'src="overlays/x&quot;.png"' in text
