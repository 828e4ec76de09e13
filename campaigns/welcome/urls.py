from django.urls import path

from campaigns.welcome import views

urlpatterns = [path("welcome/<slug:step>/", views.welcome_step, name="welcome-step")]
