# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the administrators of some NAS can be helped with: accounts, groups, shared folders, rights, volumes, disks.

The vendors document none of these calls. What a vendor's class takes is in its features, one field for each option of a
module: the error that names the vendors that can, and the documentation's lists, are made from them. All methods raise
`NasError`; those that write return when the device said that it was done, which the caller proves by reading.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Optional

from ..._core.model import LOCAL
from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.administration import (
        Account,
        AccountValues,
        Disk,
        Group,
        Rule,
        SharedFolder,
        SharedFolderValues,
        Update,
        Volume,
    )


class AccountFeatures(NamedTuple):
    """What of an account a vendor's calls take, by the option.

    :ivar new_name: whether an account can get another name.
    """

    description: bool = False
    email: bool = False
    disabled: bool = False
    expires: bool = False
    new_name: bool = False


class Accounts(Capability):
    """Local accounts and groups."""

    features: ClassVar[AccountFeatures] = AccountFeatures()

    administrators: ClassVar[str] = "administrators"
    """The group whose members may do everything."""

    everybody: ClassVar[str] = ""
    """The group that every account is in, which nobody joins or leaves."""

    @abstractmethod
    def users(self) -> list[Account]:
        """All local accounts, as far as a listing tells."""

    @abstractmethod
    def details(self, user: Account) -> Account:
        """The same account with everything that the device tells of it."""

    @abstractmethod
    def groups(self) -> list[Group]:
        """All local groups."""

    @abstractmethod
    def members(self, group: str) -> list[str]:
        """The accounts in a group, which must be there."""

    @abstractmethod
    def groups_of(self, user: str, among: Optional[Sequence[str]] = None) -> list[str]:
        """The groups that an account is in.

        :param among: the only ones that matter, which may spare the device questions.
        """

    def memberships(self, users: Sequence[str]) -> dict[str, list[str]]:
        """The groups that each of many accounts is in, by the account."""
        return {user: self.groups_of(user) for user in users}

    def check_name(self, name: str) -> None:
        """Refuse a name for a new account or group that the device cannot be given. Makes no call.

        :raises NasError: `INVALID_NAME`.
        """
        return

    def check_password(self, password: str) -> None:
        """Refuse a password that the device cannot be given. Makes no call.

        :raises NasError: `INVALID_ARGUMENT`, without the password.
        """
        return

    def check_edit(self, user: Account, values: AccountValues) -> None:
        """Refuse a change of an account that the device cannot make. Makes no call.

        :param user: with its details.
        :raises NasError: `UNSUPPORTED`.
        """
        return

    @abstractmethod
    def create_user(self, name: str, values: AccountValues) -> None:
        """Make an account; `values` has a password. :raises NasError: `EXISTS`, `INVALID_NAME`, ..."""

    @abstractmethod
    def edit_user(self, user: Account, values: AccountValues) -> None:
        """Change what `values` sets, the password not included.

        :param user: with its details.
        """

    @abstractmethod
    def set_password(self, name: str, password: str) -> None:
        """Give an account another password."""

    @abstractmethod
    def delete_user(self, name: str) -> None:
        """Remove an account, and wait until it is gone."""

    @abstractmethod
    def create_group(self, name: str, description: str) -> None:
        """Make a group without members."""

    @abstractmethod
    def edit_group(self, group: Group, description: str) -> None:
        """Give a group another description."""

    @abstractmethod
    def delete_group(self, name: str) -> None:
        """Remove a group, and wait until it is gone."""

    @abstractmethod
    def change_members(self, group: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Let accounts into a group, and others out of it."""


class SharedFolderFeatures(NamedTuple):
    """What of a shared folder a vendor's calls take, by the option.

    :ivar btrfs: the options that need a volume of Btrfs.
    :ivar longest_description: characters; None where the device is left to judge.
    """

    description: bool = False
    hidden: bool = False
    recycle_bin: bool = False
    recycle_bin_admin_only: bool = False
    quota: bool = False
    compression: bool = False
    checksums: bool = False
    encryption_password: bool = False
    new_name: bool = False
    btrfs: tuple[str, ...] = ()
    longest_description: Optional[int] = None


class SharedFolders(Capability):
    """Shared folders, as their administrator sees them."""

    features: ClassVar[SharedFolderFeatures] = SharedFolderFeatures()

    @abstractmethod
    def list(self) -> list[SharedFolder]:
        """All of them, as far as a listing tells."""

    @abstractmethod
    def details(self, folder: SharedFolder) -> SharedFolder:
        """The same shared folder with everything that the device tells of it."""

    @abstractmethod
    def volumes(self) -> Sequence[Volume]:
        """Where new ones can lie."""

    @abstractmethod
    def create(self, name: str, values: SharedFolderValues) -> None:
        """Make one; `values` has the id of its volume. :raises NasError: `EXISTS`, `INVALID_NAME`, `NO_SPACE`, ..."""

    @abstractmethod
    def edit(self, folder: SharedFolder, values: SharedFolderValues) -> None:
        """Change what `values` sets.

        :param folder: with its details.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove one with all that is in it, at once and for good, and wait until it is gone."""


class PermissionFeatures(NamedTuple):
    """What a vendor's calls tell of rights.

    :ivar directories: where names may be from beside the device itself, such as `ldap`.
    :ivar administrators_pass: whether administrators have access whatever rules say.
    """

    directories: tuple[str, ...] = ()
    administrators_pass: bool = False


class SharePermissions(Capability):
    """What shared folders allow accounts and groups, in simple rights."""

    features: ClassVar[PermissionFeatures] = PermissionFeatures()

    @abstractmethod
    def principals(self, share: str, types: Sequence[str], directory: str = LOCAL) -> list[Rule]:
        """All accounts and groups that a rule can name; what the rules say does not count.

        :param types: `USER`, `GROUP`, or both.
        :param directory: one of the features' where not `LOCAL`; none are known where the device has joined none.
        """

    @abstractmethod
    def rules(self, share: str, principals: Sequence[Rule]) -> list[Rule]:
        """What a shared folder says of accounts and groups, read anew.

        :param principals: of `principals`.
        """

    @abstractmethod
    def set(self, share: str, rules: Sequence[Rule]) -> None:
        """Write rules; those of accounts and groups that are not named stay."""

    @abstractmethod
    def all_rules(self, shares: Sequence[str]) -> Mapping[str, Optional[list[Rule]]]:
        """The rules of shared folders that say anything, by the name of the folder, in as few calls as may be.

        None for one that can have none, as its volume knows no access control lists.
        """

    @abstractmethod
    def more_rules(self, share: str, known: Sequence[Rule]) -> list[str]:
        """What decides in a shared folder beside simple rights, in words for a warning; empty for nothing.

        :param known: the rules that the caller has read, as they are by now: all of a type, or none.
        """


class Storage(Capability):
    """Volumes and disks."""

    @abstractmethod
    def volumes(self) -> list[Volume]:
        """All volumes."""

    @abstractmethod
    def disks(self) -> list[Disk]:
        """All disks."""


class Updates(Capability):
    """The firmware that the vendor offers."""

    @abstractmethod
    def offered(self) -> Update:
        """Whether there is any, as the device knows."""
