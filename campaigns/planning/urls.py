from django.urls import path

from campaigns.planning import views, wizard

urlpatterns = [
    path("campaigns/", views.campaign_list, name="campaign-list"),
    path("campaigns/new/", wizard.campaign_new, name="campaign-new"),
    path("campaigns/<slug:slug>/", views.campaign_detail, name="campaign-detail"),
    path("campaigns/<slug:slug>/submit/", views.campaign_submit, name="campaign-submit"),
    path("campaigns/<slug:slug>/approve/", views.campaign_approve, name="campaign-approve"),
    path("campaigns/<slug:slug>/send-back/", views.campaign_send_back, name="campaign-send-back"),
    path("campaigns/<slug:slug>/launch/", views.campaign_launch, name="campaign-launch"),
    path(
        "campaigns/<slug:slug>/unschedule/", views.campaign_unschedule, name="campaign-unschedule"
    ),
    path("campaigns/<slug:slug>/pause/", views.campaign_pause, name="campaign-pause"),
    path("campaigns/<slug:slug>/resume/", views.campaign_resume, name="campaign-resume"),
    path("campaigns/<slug:slug>/end/", views.campaign_end, name="campaign-end"),
    path("campaigns/<slug:slug>/archive/", views.campaign_archive, name="campaign-archive"),
    path("campaigns/<slug:slug>/headcount/", wizard.campaign_headcount, name="campaign-headcount"),
    path("campaigns/<slug:slug>/plan/<slug:step>/", wizard.campaign_step, name="campaign-step"),
]
