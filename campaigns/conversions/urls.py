from django.urls import path

from campaigns.conversions import api, views

urlpatterns = [
    path("campaigns/<slug:slug>/goals/", views.goal_list, name="goal-list"),
    path("goals/<int:pk>/end/", views.goal_end, name="goal-end"),
    path("api/conversions", api.conversion_report, name="conversion-report"),
]
