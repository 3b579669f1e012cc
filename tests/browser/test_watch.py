"""The tests' own alarm: a page's hidden troubles reach the test."""

from playwright.sync_api import Browser, Page, Route

from tests.support.browser import Watch, watched_page

ORIGIN = "http://localhost"
POLICY = {"Content-Security-Policy": "default-src 'self'"}


def opened(browser: Browser, body: str, headers: dict[str, str] | None = None) -> tuple[Page, Watch]:
    page, watch = watched_page(browser, ORIGIN)

    def answer(route: Route) -> None:
        page_asked = route.request.url == ORIGIN + "/"
        route.fulfill(content_type="text/html", headers=headers or {}, body=body if page_asked else "")

    page.context.route("**/*", answer)
    page.goto("/")
    return page, watch


def test_a_quiet_page_has_no_problems(browser: Browser) -> None:
    page, watch = opened(browser, "<script>console.log('fine'); console.warn('still fine')</script>")
    page.context.close()
    assert watch.unexpected() == []


def test_console_errors_are_seen(browser: Browser) -> None:
    page, watch = opened(browser, "<script>console.error('not fine')</script>")
    page.context.close()
    assert len(watch.unexpected()) == 1
    assert "not fine" in watch.unexpected()[0]


def test_uncaught_exceptions_are_seen(browser: Browser) -> None:
    page, watch = opened(browser, "<script>throw new Error('lost')</script>")
    page.wait_for_function("document.readyState === 'complete'")
    page.context.close()
    assert any("lost" in problem for problem in watch.unexpected())


def test_policy_violations_are_seen(browser: Browser) -> None:
    page, watch = opened(browser, "<script>document.title = 'inline'</script>", POLICY)
    assert page.title() == ""
    page.context.close()
    assert any("Content Security Policy" in problem for problem in watch.unexpected())


def test_calls_to_other_hosts_are_seen(browser: Browser) -> None:
    page, watch = opened(browser, "<script src='http://127.0.0.1:9/script.js'></script>")
    page.context.close()
    assert any("127.0.0.1:9" in problem for problem in watch.unexpected())


def test_tolerated_problems_are_not_reported(browser: Browser) -> None:
    page, watch = opened(browser, "<script>console.error('expected here'); console.error('other')</script>")
    watch.tolerate("expected here")
    page.context.close()
    assert [problem.split(" (")[0] for problem in watch.unexpected()] == ["console: other"]
