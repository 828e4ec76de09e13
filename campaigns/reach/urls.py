from django.urls import path, re_path

from campaigns.reach import views

urlpatterns = [
    path("reach/", views.reach_report, name="reach-report"),
    re_path(r"^reach/reach\.(?P<format>csv|xlsx)$", views.reach_export, name="reach-export"),
]
