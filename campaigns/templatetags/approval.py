"""What the approval slice lends to pages of earlier slices."""

from django import template

from campaigns.approval.history import history_of

register = template.Library()


@register.inclusion_tag("campaigns/_content_history.html")
def content_history(content):
    """The versions of an item and the decisions on them, newest first."""
    return {"content": content, "chapters": history_of(content)}
