from django.urls import path

from ambassadors.audit import views

urlpatterns = [
    path("audit/", views.entry_list, name="entry-list"),
    path("audit/check/", views.trail_check, name="trail-check"),
    path("audit/export.<str:format>", views.entry_export, name="entry-export"),
]
