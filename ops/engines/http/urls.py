"""Addresses of the door and of the API's own sign-in."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from . import accounts, tokens

account_patterns: list[URLPattern] = [
    path("", accounts.who_may_enter, name="index"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("demo/", accounts.EnterDemo.as_view(), name="demo"),
    path("logout/", accounts.SignOut.as_view(), name="logout"),
    path("code/", accounts.Code.as_view(), name="code"),
    path("password/", accounts.Password.as_view(), name="password"),
    path("welcome/<slug:token>/", accounts.Welcome.as_view(), name="welcome"),
    path("setup/<slug:token>/", accounts.SetUp.as_view(), name="setup"),
]

api_urlpatterns: list[URLPattern] = [
    re_path(r"^auth/login/?$", tokens.LoginView.as_view(), name="auth-login"),
    re_path(r"^auth/logout/?$", tokens.LogoutView.as_view(), name="auth-logout"),
]
