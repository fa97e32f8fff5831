"""Pages in a headless Chromium: what only a browser can tell.

`just browser` writes the pages, by `cargo test --test integration page`, and runs this.
"""

import os
import re
import shutil
import time
import unittest
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "tmp" / "pages"
SHOTS = PAGES / "screenshots"
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
SHOWN = ".items > [data-item]:not([hidden])"
MOVED = "[data-list=moved]"
DIALOGUES = "[data-list=dialogues]"
# Without them the tests would pass and have seen nothing.
NEEDED = [
    "weekly.html", "thousand.html", "hostile.html", "empty.html",
    "comparison.html", "comparison-thousand.html", "comparison-hostile.html", "comparison-nothing.html",
    "pairwise.html", "pairwise-thousand.html", "pairwise-hostile.html", "pairwise-whole.html", "pairwise-nothing.html",
]
LARGE = ["thousand.html", "comparison-thousand.html", "pairwise-thousand.html"]
# Those whose every word is looked at, in light and in dark.
READ = ["weekly.html", "hostile.html", "comparison.html", "pairwise.html", "pairwise-whole.html"]


def browser_path():
    found = filter(None, map(shutil.which, BROWSERS))
    path = next(found, None)
    if path is None:
        raise SystemExit(f"no browser: one of {', '.join(BROWSERS)} is needed")
    return path


def setUpModule():
    global playwright, browser
    missing = [name for name in NEEDED if not (PAGES / name).exists()]
    if missing:
        raise SystemExit(f"pages that `cargo test --test integration page` writes are missing: {missing}")
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
    SHOTS.mkdir(exist_ok=True)


def tearDownModule():
    browser.close()
    playwright.stop()


class PageTest(unittest.TestCase):
    """Opens pages; in the end, whatever was done, no page complained or asked a host."""

    def setUp(self):
        self.complaints = []

    def open(self, name, **options):
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self.asked)
        page.goto((PAGES / name).as_uri())
        page.set_default_timeout(60_000)
        return page

    def asked(self, request):
        if not request.url.startswith(PAGES.as_uri()):
            self.complaints.append(f"request: {request.url}")

    def tearDown(self):
        self.assertEqual(self.complaints, [])

    def shown(self, page):
        return page.locator(SHOWN).count()

    def found(self, page, text):
        """Waits until the list tells this count: a search waits for the end of typing."""
        expect(page.locator(".found")).to_have_text(text)

    def until(self, page, condition):
        """Asked again and again from outside: the page's policy lets no test wait inside it."""
        for _ in range(500):
            if page.evaluate(condition):
                return
            page.wait_for_timeout(20)
        self.fail(f"never: {condition}")

    def choose(self, page, name, option):
        page.locator(f"select[name={name}]").select_option(option)


class EveryPage(PageTest):
    def test_no_page_complains_or_asks_a_host(self):
        for name in sorted(path.name for path in PAGES.glob("*.html")):
            with self.subTest(name):
                page = self.open(name)
                self.assertEqual(page.evaluate("performance.getEntriesByType('resource').length"), 0)

    def test_every_control_has_a_name_and_every_id_is_its_own(self):
        for path in PAGES.glob("*.html"):
            with self.subTest(path.name):
                page = self.open(path.name)
                nameless = page.evaluate(
                    """() => [...document.querySelectorAll('button, select, input, svg, [role=region]')]
                        .filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel))
                        .map((one) => one.outerHTML.slice(0, 80))"""
                )
                self.assertEqual(nameless, [])
                twice = page.evaluate(
                    """() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
                        return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
                )
                self.assertEqual(twice, [])

    def test_who_does_not_see_the_page_is_told_the_same(self):
        for path in PAGES.glob("*.html"):
            with self.subTest(path.name):
                page = self.open(path.name)
                self.assertEqual(page.evaluate("document.documentElement.lang"), "en")
                self.assertEqual(page.locator("h1").count(), 1)
                skipped = page.evaluate(
                    """() => { const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5')].map((one) => +one.tagName[1]);
                        return levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1).length; }"""
                )
                self.assertEqual(skipped, 0, "a heading skips a level")
                for what, without in [
                    ("table", "caption"), ("svg.plot", "title"), ("svg.plot", "desc"), ("figure", "figcaption"),
                ]:
                    silent = page.locator(what).evaluate_all(
                        "(all, without) => all.filter((one) => !one.querySelector(without)?.textContent.trim()).length", without
                    )
                    self.assertEqual(silent, 0, f"{what} without {without}")
                # A tooltip opens for a mouse only.
                self.assertEqual(page.locator("[title]").count(), 0)

    def test_the_title_says_what_it_came_to(self):
        for name, begins in [
            ("comparison.html", "CHANGED: socratic@"),
            ("comparison-nothing.html", "NOT COMPARABLE: "),
            ("pairwise.html", "EQUIVALENT: pairwise@"),
        ]:
            with self.subTest(name):
                self.assertTrue(self.open(name).title().startswith(begins))

    def test_what_has_the_focus_is_seen(self):
        for name in READ:
            with self.subTest(name):
                page = self.open(name)
                page.keyboard.press("Tab")
                self.assertTrue(page.locator(".skip").evaluate("one => one.getBoundingClientRect().width > 20"))
                for key in ["Tab", "Tab", "j"]:
                    page.keyboard.press(key)
                    outline = page.evaluate("getComputedStyle(document.activeElement).outline")
                    self.assertRegex(outline, r"solid 2px|2px solid", key)

    def test_nothing_is_wider_than_a_telephone(self):
        for name in sorted(path.name for path in PAGES.glob("*.html")):
            with self.subTest(name):
                page = self.open(name, viewport={"width": 360, "height": 740})
                page.keyboard.press("e")
                wide = page.evaluate("document.documentElement.scrollWidth")
                self.assertLessEqual(wide, 360)
                page.screenshot(path=SHOTS / f"{name}-narrow.png")

    def test_words_stand_out_from_what_is_behind_them(self):
        for scheme in ["light", "dark"]:
            for name in READ:
                with self.subTest(name=name, scheme=scheme):
                    page = self.open(name, color_scheme=scheme)
                    for section in page.locator("[data-list]").all():
                        section.locator("[data-item] > summary").first.click()
                    page.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=True)
                    self.assertEqual(page.evaluate(FAINT), [])

    def test_a_large_page_can_be_used(self):
        for name in LARGE:
            with self.subTest(name):
                start = time.perf_counter()
                page = self.open(name)
                lists = page.locator("[data-list]")
                found = lists.last.locator(".found")
                expect(found).to_contain_text(" of ", timeout=60_000)
                opened = time.perf_counter() - start
                start = time.perf_counter()
                lists.last.get_by_role("searchbox").fill("no such words")
                expect(found).to_have_text(re.compile("^0 of "), timeout=60_000)
                searched = time.perf_counter() - start
                lists.last.get_by_role("searchbox").fill("")
                expect(found).not_to_have_text(re.compile("^0 of "), timeout=60_000)
                megabytes = (PAGES / name).stat().st_size / 1e6
                print(f"  {name}: {megabytes:.1f} MB, opened in {opened:.2f} s, searched in {searched:.2f} s")


# Texts of less contrast than 4.5 to 1, the AA level of WCAG.
FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('script, style, option, svg')) continue;
    const style = getComputedStyle(element);
    const [one, two] = [light(rgba(style.color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (contrast < 4.5) faint.add(`${element.className || element.tagName} ${contrast.toFixed(2)}`);
  }
  return [...faint];
}"""


class Hostile(PageTest):
    def test_nothing_that_was_said_runs_or_becomes_an_element(self):
        page = self.open("hostile.html")
        page.keyboard.press("e")
        self.assertIn("bedrock-replay run", page.title())
        self.assertEqual(page.locator("img, body script:not(:last-child)").count(), 0)
        said = page.locator(".tutor .text").first.text_content()
        self.assertIn("</script><script>document.title='taken'</script>", said)
        self.assertIn("{{ 7 * 7 }}", said)

    def test_a_text_that_turns_the_line_around_leaves_its_neighbours_alone(self):
        page = self.open("hostile.html")
        page.locator("[data-item] > summary").first.click()
        isolated = page.locator(".text, .scores dd, bdi").evaluate_all(
            "all => all.every((one) => /isolate|plaintext/.test(getComputedStyle(one).unicodeBidi))"
        )
        self.assertTrue(isolated)

    def test_a_long_text_has_a_window_of_its_own(self):
        page = self.open("hostile.html")
        page.keyboard.press("e")
        long = page.locator(".turn .tutor .long").first.bounding_box()
        self.assertLess(long["height"], 500)


class Filters(PageTest):
    def test_each_filter_leaves_what_it_asks_for(self):
        page = self.open("weekly.html")
        self.found(page, "27 of 27 dialogues, 135 turns")
        self.choose(page, "model", "llama-3-1-70b")
        self.found(page, "9 of 27 dialogues, 45 turns")
        self.choose(page, "vector", "aporia")
        self.found(page, "3 of 27 dialogues, 15 turns")
        self.choose(page, "scenario", "APO-PHY-HEAT-TEMP-01")
        self.found(page, "1 of 27 dialogues, 5 turns")
        self.assertEqual(page.locator(SHOWN).get_attribute("data-model"), "llama-3-1-70b")
        page.get_by_role("button", name="clear").first.click()
        self.found(page, "27 of 27 dialogues, 135 turns")

    def test_scores_and_outcomes_find_turns(self):
        page = self.open("weekly.html")
        page.get_by_label("score from").fill("9")
        scores = page.locator(f"{SHOWN} .hit").evaluate_all("all => all.map((one) => +one.dataset.score)")
        self.assertTrue(scores and all(score >= 9 for score in scores))
        page.get_by_label("score from").fill("")
        page.get_by_label("to", exact=True).fill("2")
        scores = page.locator(f"{SHOWN} .hit").evaluate_all("all => all.map((one) => +one.dataset.score)")
        self.assertTrue(scores and all(score <= 2 for score in scores))
        page.get_by_label("to", exact=True).fill("")
        self.choose(page, "outcome", "below")
        below = self.shown(page)
        self.assertTrue(0 < below < 27)
        self.choose(page, "outcome", "unscored")
        self.assertTrue(page.get_by_text("No dialogue has such a turn.").is_visible())
        page.locator(".clear").click()
        self.found(page, "27 of 27 dialogues, 135 turns")

    def test_a_search_finds_what_was_said_and_marks_it(self):
        page = self.open("weekly.html")
        page.keyboard.press("/")
        page.keyboard.type("Neighbour's NIGHT")
        self.until(page, "!document.querySelector('.found').textContent.startsWith('27 ')")
        self.assertTrue(0 < self.shown(page) < 27)
        page.keyboard.press("Escape")
        page.keyboard.press("e")
        self.until(page, "CSS.highlights.get('found')?.size > 0")
        page.keyboard.press("x")
        self.found(page, "27 of 27 dialogues, 135 turns")
        self.until(page, "!CSS.highlights.has('found')")


class Lists(PageTest):
    """Pages with two lists: what moved, and all dialogues."""

    def found_in(self, page, name, text):
        expect(page.locator(f"{name} .found")).to_have_text(text)

    def choose_in(self, page, name, control, option):
        page.locator(f"{name} select[name={control}]").select_option(option)

    def hits(self, page):
        return page.locator(f"{DIALOGUES} {SHOWN} .hit")


class Comparison(Lists):
    def test_the_turns_that_moved_can_be_filtered(self):
        page = self.open("comparison.html")
        self.found_in(page, MOVED, "23 of 23 turns")
        self.choose_in(page, MOVED, "kind", "unscored")
        self.found_in(page, MOVED, "1 of 23 turns")
        self.choose_in(page, MOVED, "kind", "to-fail")
        self.found_in(page, MOVED, "1 of 23 turns")
        page.locator(f"{MOVED} {SHOWN} > summary").click()
        self.assertIn("form is 0", page.locator(f"{MOVED} {SHOWN} .both").text_content())
        self.choose_in(page, MOVED, "kind", "")
        page.locator(MOVED).get_by_label("by at least").fill("2")
        self.found_in(page, MOVED, "2 of 23 turns")
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        self.found_in(page, MOVED, "23 of 23 turns")
        self.found_in(page, DIALOGUES, "12 of 12 dialogues, 60 turns")

    def test_dialogues_are_found_by_what_became_of_their_turns(self):
        page = self.open("comparison.html")
        self.found_in(page, DIALOGUES, "12 of 12 dialogues, 60 turns")
        self.choose_in(page, DIALOGUES, "kind", "moved")
        self.found_in(page, DIALOGUES, "12 of 12 dialogues, 23 turns")
        self.choose_in(page, DIALOGUES, "kind", "same")
        self.found_in(page, DIALOGUES, "12 of 12 dialogues, 37 turns")
        self.choose_in(page, DIALOGUES, "kind", "to-fail")
        self.found_in(page, DIALOGUES, "1 of 12 dialogues, 1 turn")
        self.assertEqual(self.hits(page).count(), 1)
        self.choose_in(page, DIALOGUES, "kind", "")
        self.choose_in(page, DIALOGUES, "model", "llama")
        self.found_in(page, DIALOGUES, "6 of 12 dialogues, 30 turns")
        self.assertEqual(self.hits(page).count(), 0)
        self.found_in(page, MOVED, "23 of 23 turns")

    def test_a_turn_that_moved_leads_to_its_dialogue_even_where_a_filter_hides_it(self):
        page = self.open("comparison.html")
        self.choose_in(page, DIALOGUES, "scenario", "SCN-00")
        self.found_in(page, DIALOGUES, "2 of 12 dialogues, 10 turns")
        page.locator(f"{MOVED} {SHOWN} > summary").nth(1).click()
        link = page.get_by_role("link", name="in its dialogue").first
        turn = link.get_attribute("href")
        link.click()
        self.found_in(page, DIALOGUES, "12 of 12 dialogues, 60 turns")
        self.assertTrue(page.locator(turn).is_visible())

    def test_the_keys_work_in_each_list(self):
        page = self.open("comparison.html")
        focused = "document.activeElement.closest('[data-item]')?.id"
        page.keyboard.press("j")
        self.assertEqual(page.evaluate(focused), "m1")
        page.keyboard.press("l")
        self.assertEqual(page.evaluate(focused), "d1")
        # What has the focus is not under the filters, which stay in sight.
        self.until(page, f"""document.querySelector('#d1 > summary').getBoundingClientRect().top >=
            document.querySelector('{DIALOGUES} .filters').getBoundingClientRect().bottom""")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate(focused), "d2")
        self.assertEqual(page.locator(f"{DIALOGUES} [data-item][open]").count(), 1)
        page.keyboard.press("e")
        self.assertEqual(page.locator(f"{DIALOGUES} [data-item][open]").count(), 12)
        self.assertEqual(page.locator(f"{MOVED} [data-item][open]").count(), 0)

    def test_a_weekly_comparison_is_small(self):
        for name in ["comparison.html", "pairwise.html"]:
            self.assertLess((PAGES / name).stat().st_size, 2_000_000)


class Pairwise(Lists):
    def test_every_contest_can_be_filtered(self):
        page = self.open("pairwise.html")
        self.found_in(page, MOVED, "6 of 6 contests")
        self.found_in(page, DIALOGUES, "9 of 9 dialogues, 45 contests")
        self.choose_in(page, DIALOGUES, "kind", "moved")
        self.found_in(page, DIALOGUES, "6 of 9 dialogues, 6 contests")
        self.choose_in(page, DIALOGUES, "kind", "to-place")
        self.found_in(page, DIALOGUES, "3 of 9 dialogues, 3 contests")
        self.choose_in(page, DIALOGUES, "toward", "llama")
        self.found_in(page, DIALOGUES, "2 of 9 dialogues, 2 contests")
        self.assertEqual(self.hits(page).count(), 2)
        self.choose_in(page, DIALOGUES, "scenario", "SCN-02")
        self.found_in(page, DIALOGUES, "1 of 9 dialogues, 1 contest")
        self.choose_in(page, DIALOGUES, "models", "haiku")
        self.found_in(page, DIALOGUES, "1 of 9 dialogues, 1 contest")
        page.locator(DIALOGUES).get_by_role("button", name="clear").first.click()
        self.found_in(page, DIALOGUES, "9 of 9 dialogues, 45 contests")
        self.choose_in(page, MOVED, "kind", "unscored")
        self.found_in(page, MOVED, "1 of 6 contests")

    def test_the_keyboard_reaches_every_contest(self):
        page = self.open("pairwise.html")
        focused = "document.activeElement.closest('[data-item]')?.id"
        page.keyboard.press("j")
        page.keyboard.press("j")
        self.assertEqual(page.evaluate(focused), "m2")
        page.keyboard.press("Enter")
        self.assertTrue(page.locator("#m2 .answers").is_visible())
        page.keyboard.press("/")
        page.keyboard.type("makes llama so sure, 6")
        self.found_in(page, MOVED, "1 of 6 contests")

    def test_both_answers_and_both_orders_are_read_side_by_side(self):
        page = self.open("pairwise.html")
        page.locator("#d3 > summary").click()
        contest = page.locator("#d3t3")
        one, other = contest.locator(".answer").all()
        self.assertIn("What makes haiku", one.text_content())
        self.assertIn("What makes llama", other.text_content())
        self.assertAlmostEqual(one.bounding_box()["y"], other.bounding_box()["y"], delta=2)
        self.assertEqual(contest.locator(".has-moved").count(), 1)
        narrow = self.open("pairwise.html", viewport={"width": 360, "height": 740})
        narrow.locator("#d3 > summary").click()
        one, other = narrow.locator("#d3t3 .answer").all()
        self.assertLess(one.bounding_box()["y"] + 20, other.bounding_box()["y"])


class Keys(PageTest):
    def focused(self, page):
        return page.evaluate("document.activeElement.closest('[data-item]')?.id")

    def test_the_keyboard_reaches_every_dialogue(self):
        page = self.open("weekly.html")
        page.keyboard.press("j")
        self.assertEqual(self.focused(page), "d1")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        self.assertEqual(page.locator("[data-item][open]").count(), 1)
        page.keyboard.press("j")
        page.keyboard.press("k")
        self.assertEqual(self.focused(page), "d2")
        page.keyboard.press("Enter")
        self.assertEqual(page.locator("[data-item][open]").count(), 0)

    def test_the_list_of_keys_opens_and_closes(self):
        page = self.open("weekly.html")
        page.keyboard.press("?")
        self.assertTrue(page.locator("dialog").is_visible())
        page.keyboard.press("Escape")
        self.assertFalse(page.locator("dialog").is_visible())

    def test_typed_letters_are_no_commands(self):
        page = self.open("weekly.html")
        page.keyboard.press("/")
        page.keyboard.type("je?t")
        self.assertEqual(page.get_by_role("searchbox").input_value(), "je?t")
        self.assertFalse(page.locator("dialog").is_visible())

    def test_a_link_opens_its_dialogue(self):
        page = self.open("weekly.html")
        page.goto(f"{page.url}#d20")
        self.assertTrue(page.locator("#d20").evaluate("one => one.open"))


class Themes(PageTest):
    def test_the_page_follows_the_system_and_the_person_more(self):
        page = self.open("weekly.html", color_scheme="dark")
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        button = page.locator("#theme")
        button.click()
        self.assertEqual(button.text_content(), "theme: light")
        light = page.evaluate(colour)
        self.assertNotEqual(light, dark)
        page.reload()
        self.assertEqual(page.evaluate(colour), light)
        page.keyboard.press("t")
        self.assertEqual(page.evaluate(colour), dark)


class WithoutScript(PageTest):
    def test_everything_can_be_read(self):
        page = self.open("weekly.html", java_script_enabled=False)
        self.assertFalse(page.locator(".filters").is_visible())
        page.locator("#d1 > summary").click()
        self.assertTrue(page.locator("#d1 .turn").first.is_visible())


class Printed(PageTest):
    def test_what_the_filters_show_is_printed_open(self):
        for name, scenario in [
            ("weekly.html", "APO-PHY-HEAT-TEMP-01"),
            ("comparison.html", "SCN-02"),
            ("pairwise.html", "SCN-02"),
        ]:
            with self.subTest(name):
                page = self.open(name)
                for control in page.locator("select[name=scenario]").all():
                    control.select_option(scenario)
                printed = page.pdf(format="A4", print_background=True)
                (SHOTS / f"{name}.pdf").write_bytes(printed)
                self.assertTrue(printed.startswith(b"%PDF"))
                for control in page.locator("select[name=scenario]").all():
                    control.select_option("")
                self.assertGreater(len(page.pdf(format="A4")), 1.2 * len(printed))
                page.emulate_media(media="print")
                self.assertFalse(page.locator(".filters").first.is_visible())
                self.assertTrue(page.locator(".origin").is_visible())
                # A sheet of A4 is narrower than most windows.
                page.set_viewport_size({"width": 700, "height": 990})
                cut = page.locator("figure").evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length")
                self.assertEqual(cut, 0, "a plot is cut off")
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 700)
                page.screenshot(path=SHOTS / f"{name}-print.png", full_page=True)


class Thousand(PageTest):
    def timed(self, what, action):
        start = time.perf_counter()
        result = action()
        print(f"  a thousand dialogues: {what} in {time.perf_counter() - start:.2f} s")
        return result

    def test_a_thousand_dialogues_can_be_used(self):
        page = self.timed("opened", lambda: self.open("thousand.html"))
        self.found(page, "1000 of 1000 dialogues, 5000 turns")

        def search():
            page.get_by_role("searchbox").fill("in case 4321,")
            self.found(page, "1 of 1000 dialogues, 1 turn")

        self.timed("searched", search)
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        self.found(page, "1000 of 1000 dialogues, 5000 turns")

        def choose():
            self.choose(page, "model", "clara")
            self.found(page, "200 of 1000 dialogues, 1000 turns")

        self.timed("filtered", choose)
        self.choose(page, "model", "")
        page.locator("h1").click()
        self.timed("opened all", lambda: (page.keyboard.press("e"), page.screenshot()))
        self.assertEqual(page.locator("[data-item][open]").count(), 1000)


if __name__ == "__main__":
    unittest.main()
