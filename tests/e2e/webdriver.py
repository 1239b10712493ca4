"""Names the WebDriver kit of `transom.testing`, by which the end-to-end tests drive their apps."""

from transom.testing.webdriver import Driver, Element, WebDriverError, wait_for

__all__ = ["Driver", "Element", "WebDriverError", "wait_for"]
