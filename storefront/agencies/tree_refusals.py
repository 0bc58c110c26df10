"""Why a change of the tree of agencies is refused."""

from storefront.core.errors import N_, Conflict, DomainError


class DocumentMissing(DomainError):
    code = "document_missing"
    message = N_("Isi nomor dokumen yang menjadi dasar, paling panjang %(longest)d huruf.")
    field = "document_number"


class ChangeTooEarly(DomainError):
    code = "change_too_early"
    message = N_("Bulan itu sudah ditutup; angkanya tidak boleh berubah. Paling awal %(first)s.")
    field = "effective_on"


class ChangeTooFar(DomainError):
    code = "change_too_far"
    message = N_("Tanggal berlaku paling lambat %(last)s.")
    field = "effective_on"


class AgencyNotBegun(DomainError):
    code = "agency_not_begun"
    message = N_("%(name)s belum ada pada tanggal itu.")
    field = "effective_on"


class AgencyOver(Conflict):
    code = "agency_over"
    message = N_("%(name)s berakhir pada %(ended_on)s, jadi susunannya tidak berubah lagi.")


class LaterChangeStands(Conflict):
    code = "later_change_stands"
    message = N_("%(name)s sudah memiliki perubahan yang berlaku sesudah tanggal itu.")
    field = "effective_on"


class NameMissing(DomainError):
    code = "agency_name_missing"
    message = N_("Isi nama baru, paling panjang %(longest)d huruf.")
    field = "new_name"


class SameName(DomainError):
    code = "same_name"
    message = N_("Pada tanggal itu namanya memang sudah demikian.")
    field = "new_name"


class SameParent(DomainError):
    code = "same_parent"
    message = N_("Pada tanggal itu induknya memang sudah demikian.")
    field = "new_parent_code"


class ParentUnknown(DomainError):
    code = "parent_unknown"
    message = N_("Instansi induk %(parent_code)s tidak ada, atau berakhir.")
    field = "new_parent_code"


class TreeImpossible(DomainError):
    code = "tree_impossible"
    message = N_(
        "Susunan menjadi melingkar, atau lebih dari %(deepest)d tingkat. Pindahkan dahulu"
        " instansi yang berada di bawahnya."
    )
    field = "new_parent_code"


class PartsWrong(DomainError):
    code = "parts_wrong"
    message = N_("Sebutkan %(least)d sampai %(most)d instansi yang berbeda, selain instansi ini.")
    field = "parts"


class PartUnknown(DomainError):
    code = "part_unknown"
    message = N_("Instansi %(part_code)s tidak ada, belum ada pada tanggal itu, atau berakhir.")
    field = "parts"


class PartUnnamed(DomainError):
    code = "part_unnamed"
    message = N_(
        "Isi kode (paling panjang 20 huruf, tanpa spasi) dan nama instansi baru %(part_code)s."
    )
    field = "parts"


class PracticeMixed(DomainError):
    code = "practice_mixed"
    message = N_("Instansi latihan tidak dapat digabung dengan instansi sungguhan.")
    field = "parts"


class SameChangeWaits(Conflict):
    code = "same_change_waits"
    message = N_("Usulan yang sama, untuk tanggal yang sama, sudah menunggu orang kedua.")
    field = "effective_on"
