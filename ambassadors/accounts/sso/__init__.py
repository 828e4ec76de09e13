"""Single sign-on: people log in where their company logs in, over OpenID Connect or SAML.

models      which providers there are, for which domains, and what they may decide
openid      the dance with an OpenID provider: allauth's, with what it leaves out
saml        the dance with a SAML provider: python3-saml's, with what it leaves out
arrival     who may come in, and as whom: the one door behind both
door        the login page's side of it; locally where single sign-on is required
checking    what is wrong with a provider, in words
pages       where an administrator sets them up
"""
