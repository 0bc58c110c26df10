"""Forms of signing in and of one's own account. They check shape; the rest, the verbs decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField, TelField
from wtforms.validators import Email, EqualTo, InputRequired, Length, Optional

LOGIN_LENGTH = 254
CODE = [
    InputRequired(_("Isi kodenya.")),
    Length(max=64, message=_("Kode paling panjang %(max)d karakter.")),
]


class LoginForm(FlaskForm):
    login = StringField(
        _("NIP atau surel"),
        validators=[
            InputRequired(_("Isi NIP atau surel Anda.")),
            Length(max=LOGIN_LENGTH, message=_("NIP atau surel paling panjang %(max)d karakter.")),
        ],
    )
    password = PasswordField(_("Kata sandi"), validators=[InputRequired(_("Isi kata sandi Anda."))])


class CodeRequestForm(FlaskForm):
    login = StringField(
        _("NIP atau surel"),
        validators=[
            InputRequired(_("Isi NIP atau surel Anda.")),
            Length(max=LOGIN_LENGTH, message=_("NIP atau surel paling panjang %(max)d karakter.")),
        ],
    )


class SignInCodeForm(FlaskForm):
    token = StringField(_("Kode dari surel"), validators=CODE)


class NewPasswordForm(FlaskForm):
    token = StringField(_("Kode dari surel atau slip"), validators=CODE)
    password = PasswordField(
        _("Kata sandi baru"), validators=[InputRequired(_("Isi kata sandi baru."))]
    )
    repeated = PasswordField(
        _("Ulangi kata sandi"),
        validators=[
            InputRequired(_("Ketik sekali lagi.")),
            EqualTo("password", _("Kedua kata sandi belum sama.")),
        ],
    )


class ChangePasswordForm(FlaskForm):
    current_password = PasswordField(
        _("Kata sandi sekarang"), validators=[InputRequired(_("Isi kata sandi sekarang."))]
    )
    password = PasswordField(
        _("Kata sandi baru"), validators=[InputRequired(_("Isi kata sandi baru."))]
    )
    repeated = PasswordField(
        _("Ulangi kata sandi"),
        validators=[
            InputRequired(_("Ketik sekali lagi.")),
            EqualTo("password", _("Kedua kata sandi belum sama.")),
        ],
    )


class ContactForm(FlaskForm):
    email = EmailField(
        _("Surel"),
        validators=[
            Optional(),
            Email(_("Surel ini tidak lengkap. Contoh: nama@bandung.example")),
            Length(max=LOGIN_LENGTH, message=_("Surel paling panjang %(max)d karakter.")),
        ],
    )
    phone = TelField(
        _("Nomor telepon"),
        validators=[
            Optional(),
            Length(max=20, message=_("Nomor telepon paling panjang %(max)d karakter.")),
        ],
    )
    current_password = PasswordField(_("Kata sandi sekarang"), validators=[Optional()])


class EndDeviceForm(FlaskForm):
    session_id = HiddenField(validators=[InputRequired(_("Pilih perangkatnya."))])
