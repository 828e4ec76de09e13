from django.urls import path

from campaigns.home import board_pages, desk, thanking, views

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("feed/", views.feed, name="feed"),
    path("feed/checklist/hide/", views.checklist_hide, name="checklist-hide"),
    path("campaigns/<slug:slug>/thanks/", thanking.campaign_thanks, name="campaign-thanks"),
    path("board/", board_pages.board, name="board"),
    path("board/settings/", board_pages.board_settings, name="board-settings"),
    path("figures/", board_pages.given_figures, name="given-figures"),
    path("impact/", views.impact, name="impact"),
]
