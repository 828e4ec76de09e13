from django.urls import path

from campaigns.home import desk, views

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("feed/", views.feed, name="feed"),
    path("feed/checklist/hide/", views.checklist_hide, name="checklist-hide"),
    path("impact/", views.impact, name="impact"),
]
