from django.urls import path

from campaigns.home import desk, thanking, views

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("feed/", views.feed, name="feed"),
    path("feed/checklist/hide/", views.checklist_hide, name="checklist-hide"),
    path("campaigns/<slug:slug>/thanks/", thanking.campaign_thanks, name="campaign-thanks"),
    path("impact/", views.impact, name="impact"),
]
