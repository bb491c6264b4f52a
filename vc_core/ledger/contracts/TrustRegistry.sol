// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governance} from "./Governance.sol";

/// The one function of the DidRegistry that is needed here.
interface IdentityOwners {
    function identityOwner(address identity) external view returns (address);
}

/// @title The trust registry of Sabai: which organisation may issue or ask for which credential type, and when.
/// @notice Organisations and types are named by SHA-256 of the DID and of the `vct`: both are public names of
///         organisations and schemas, never of people.
///         The governance accredits organisations, and gives mandates to accreditors, for one role and one type each.
///         An accreditor accredits others, and gives on mandates of less depth, within its own period. What it gave is
///         in force only while its own mandate is, and that of who gave it, up to the governance.
/// @dev An accreditor is an identity of the DidRegistry: whoever owns the identity there writes for it, so that a
///      rotated-out key is out here too. `GOVERNANCE` (0x0) as grantor stands for the governance.
///      Who may replace an entry or a mandate: the governance, except what it revoked itself: that is final. The
///      accreditor that gave it, unless it is revoked. Another accreditor only what an accreditor gave, that is not
///      suspended or revoked, and has ended or lost its ground. So nobody can lift another's suspension, or block a
///      subject for good by revoking it, but the governance. Hence also no circle of mandates: an accreditor that is
///      in force stands on a chain to the governance, and can't become the grantor of a link of that chain.
contract TrustRegistry is Governance {
    uint256 public constant MAX_DEPTH = 8;
    address private constant GOVERNANCE = address(0);
    uint8 private constant ACTIVE = 1;
    uint8 private constant REVOKED = 3;
    bytes16 private constant HEX_DIGITS = "0123456789abcdef";

    /// An entry or a mandate; `_pack` puts it into one storage slot.
    /// `extra`: of an entry 1 where there are `Terms` of the same key; of a mandate how many levels may stand below it.
    struct Grant {
        address grantor;
        uint40 validFrom;
        uint40 validUntil;
        uint8 state;
        uint8 extra;
    }

    /// Hashes of what the accreditation is limited to; 0 for no limit.
    struct Terms {
        bytes32 allowedClaims;
        bytes32 policy;
    }

    /// A storage variable, not `immutable`: the code on the chain is then the code of the artifact, byte for byte.
    IdentityOwners public didRegistry;
    mapping(bytes32 => uint256) private entries;
    mapping(bytes32 => Terms) private terms;
    mapping(bytes32 => uint256) private mandates;
    /// When a key of a subject was killed, in seconds since 1970; 0 for never. By subject and SHA-256 of the key.
    mapping(bytes32 => mapping(bytes32 => uint256)) public killedAt;

    event AccreditationChanged(
        bytes32 indexed subject,
        bytes32 indexed credentialType,
        uint8 indexed role,
        address grantor,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        bytes32 allowedClaims,
        bytes32 policy
    );
    event MandateChanged(
        address indexed accreditor,
        bytes32 indexed credentialType,
        uint8 indexed role,
        address grantor,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        uint8 depth
    );
    event KeyKilled(bytes32 indexed subject, bytes32 indexed keyHash);

    modifier onlyOwner(address identity) {
        address owner = didRegistry.identityOwner(identity);
        require(owner != address(0) && msg.sender == owner, "bad_actor");
        _;
    }

    constructor(address[] memory members, uint8 threshold, IdentityOwners identityOwners)
        Governance(members, threshold)
    {
        require(address(identityOwners) != address(0), "bad_registry");
        didRegistry = identityOwners;
    }

    /// Replaces the whole entry, in the name of the governance.
    /// @param role 1 issue, 2 verify, 3 provide wallets
    /// @param validFrom seconds since 1970
    /// @param validUntil seconds since 1970, exclusive
    /// @param state 1 active, 2 suspended, 3 revoked: final
    /// @param allowedClaims hash of the claims that it is limited to; 0 for all
    /// @param policy hash of the rules that it is given under; 0 for none
    function accredit(
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        bytes32 allowedClaims,
        bytes32 policy
    ) external onlySoleMember {
        Grant memory entry = Grant(GOVERNANCE, validFrom, validUntil, state, 0);
        _accredit(subject, role, credentialType, entry, Terms(allowedClaims, policy));
    }

    /// As `accredit`, in the name of an accreditor, within its mandate; never for itself.
    function accreditAs(
        address accreditor,
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        bytes32 allowedClaims,
        bytes32 policy
    ) external onlyOwner(accreditor) {
        require(subject != subjectOf(accreditor), "bad_subject");
        _requireMandate(accreditor, role, credentialType, validFrom, validUntil);
        Grant memory entry = Grant(accreditor, validFrom, validUntil, state, 0);
        _accredit(subject, role, credentialType, entry, Terms(allowedClaims, policy));
    }

    /// Changes the state alone. The entry is the governance's from then on, whoever gave it.
    function setAccreditationState(bytes32 subject, uint8 role, bytes32 credentialType, uint8 state)
        external
        onlySoleMember
    {
        _setAccreditationState(GOVERNANCE, subject, role, credentialType, state);
    }

    /// As `setAccreditationState`, in the name of the accreditor that gave the entry.
    function setAccreditationStateAs(
        address accreditor,
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint8 state
    ) external onlyOwner(accreditor) {
        require(_mandateInForce(accreditor, role, credentialType), "no_mandate");
        Grant memory entry = _unpack(entries[_key(subject, role, credentialType)]);
        require(entry.grantor == accreditor, "other_grantor");
        _setAccreditationState(accreditor, subject, role, credentialType, state);
    }

    /// Replaces a mandate, in the name of the governance; role, period and state as for `accredit`.
    /// @param depth how many levels of mandates may stand below this one
    function setMandate(
        address accreditor,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        uint8 depth
    ) external onlySoleMember {
        _setMandate(accreditor, role, credentialType, Grant(GOVERNANCE, validFrom, validUntil, state, depth));
    }

    /// As `setMandate`, in the name of an accreditor: within its own mandate and of less depth; never for itself.
    function setMandateAs(
        address grantor,
        address accreditor,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        uint8 depth
    ) external onlyOwner(grantor) {
        require(accreditor != grantor, "bad_accreditor");
        _requireMandate(grantor, role, credentialType, validFrom, validUntil);
        Grant memory own = _unpack(mandates[_mandateKey(grantor, role, credentialType)]);
        require(depth < own.extra, "bad_depth");
        _setMandate(accreditor, role, credentialType, Grant(grantor, validFrom, validUntil, state, depth));
    }

    /// Declares a key of an organisation compromised, for good: nothing that it ever signed counts any more.
    /// @param keyHash SHA-256 of the key's multicodec-prefixed bytes, as the DidRegistry has them
    function killKey(bytes32 subject, bytes32 keyHash) external onlySoleMember {
        _killKey(subject, keyHash);
    }

    /// As `killKey`, by the organisation itself. An accreditor can't: the key may serve what others accredited.
    function killOwnKey(address identity, bytes32 keyHash) external onlyOwner(identity) {
        _killKey(subjectOf(identity), keyHash);
    }

    /// The answer as of now: the entry, and whether it is in force. All zero where there is no such accreditation.
    function accreditation(bytes32 subject, uint8 role, bytes32 credentialType)
        external
        view
        returns (
            bool inForce,
            address grantor,
            uint40 validFrom,
            uint40 validUntil,
            uint8 state,
            bytes32 allowedClaims,
            bytes32 policy
        )
    {
        bytes32 key = _key(subject, role, credentialType);
        Grant memory entry = _unpack(entries[key]);
        Terms memory limits = terms[key];
        inForce = _current(entry.state, entry.validFrom, entry.validUntil)
            && _mandateInForce(entry.grantor, role, credentialType);
        return (
            inForce, entry.grantor, entry.validFrom, entry.validUntil, entry.state, limits.allowedClaims, limits.policy
        );
    }

    /// The answer as of now: the mandate, and whether it is in force. All zero where there is no such mandate.
    function mandate(address accreditor, uint8 role, bytes32 credentialType)
        external
        view
        returns (bool inForce, address grantor, uint40 validFrom, uint40 validUntil, uint8 state, uint8 depth)
    {
        Grant memory found = _unpack(mandates[_mandateKey(accreditor, role, credentialType)]);
        inForce = found.state != 0 && _mandateInForce(accreditor, role, credentialType);
        return (inForce, found.grantor, found.validFrom, found.validUntil, found.state, found.extra);
    }

    /// The name of an identity as a subject: SHA-256 of its `did:ethr:0x<chain id>:0x<address>`.
    function subjectOf(address identity) public view returns (bytes32) {
        return sha256(
            abi.encodePacked(
                "did:ethr:0x", _hexDigits(block.chainid), ":0x", _fixedHexDigits(uint160(identity), 40)
            )
        );
    }

    function _perform(bytes4 selector, bytes calldata arguments) internal override {
        if (selector == this.accredit.selector) {
            _performAccredit(arguments);
        } else if (selector == this.setAccreditationState.selector) {
            (bytes32 subject, uint8 role, bytes32 credentialType, uint8 state) =
                abi.decode(arguments, (bytes32, uint8, bytes32, uint8));
            _setAccreditationState(GOVERNANCE, subject, role, credentialType, state);
        } else if (selector == this.setMandate.selector) {
            _performSetMandate(arguments);
        } else if (selector == this.killKey.selector) {
            (bytes32 subject, bytes32 keyHash) = abi.decode(arguments, (bytes32, bytes32));
            _killKey(subject, keyHash);
        } else {
            super._perform(selector, arguments);
        }
    }

    function _performAccredit(bytes calldata arguments) private {
        (
            bytes32 subject,
            uint8 role,
            bytes32 credentialType,
            uint40 validFrom,
            uint40 validUntil,
            uint8 state,
            bytes32 allowedClaims,
            bytes32 policy
        ) = abi.decode(arguments, (bytes32, uint8, bytes32, uint40, uint40, uint8, bytes32, bytes32));
        Grant memory entry = Grant(GOVERNANCE, validFrom, validUntil, state, 0);
        _accredit(subject, role, credentialType, entry, Terms(allowedClaims, policy));
    }

    function _performSetMandate(bytes calldata arguments) private {
        (
            address accreditor,
            uint8 role,
            bytes32 credentialType,
            uint40 validFrom,
            uint40 validUntil,
            uint8 state,
            uint8 depth
        ) = abi.decode(arguments, (address, uint8, bytes32, uint40, uint40, uint8, uint8));
        _setMandate(accreditor, role, credentialType, Grant(GOVERNANCE, validFrom, validUntil, state, depth));
    }

    function _accredit(
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        Grant memory entry,
        Terms memory limits
    ) private {
        require(subject != 0, "bad_subject");
        _requireMeaning(role, credentialType, entry.validFrom, entry.validUntil, entry.state);
        bytes32 key = _key(subject, role, credentialType);
        Grant memory old = _unpack(entries[key]);
        _requireReplaceable(entry.grantor, old.grantor, old.state, old.validUntil, role, credentialType);
        if (limits.allowedClaims != 0 || limits.policy != 0) {
            entry.extra = 1;
            terms[key] = limits;
        } else if (old.extra != 0) {
            delete terms[key];
        }
        entries[key] = _pack(entry);
        _emitAccreditation(subject, role, credentialType, entry, limits);
    }

    function _setAccreditationState(
        address grantor,
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint8 state
    ) private {
        require(state != 0 && state <= REVOKED, "bad_state");
        bytes32 key = _key(subject, role, credentialType);
        Grant memory entry = _unpack(entries[key]);
        require(entry.state != 0, "no_accreditation");
        _requireReplaceable(grantor, entry.grantor, entry.state, entry.validUntil, role, credentialType);
        entry.grantor = grantor;
        entry.state = state;
        entries[key] = _pack(entry);
        Terms memory limits = entry.extra != 0 ? terms[key] : Terms(0, 0);
        _emitAccreditation(subject, role, credentialType, entry, limits);
    }

    function _setMandate(address accreditor, uint8 role, bytes32 credentialType, Grant memory given) private {
        require(accreditor != GOVERNANCE, "bad_accreditor");
        _requireMeaning(role, credentialType, given.validFrom, given.validUntil, given.state);
        require(given.extra <= MAX_DEPTH, "bad_depth");
        bytes32 key = _mandateKey(accreditor, role, credentialType);
        Grant memory old = _unpack(mandates[key]);
        _requireReplaceable(given.grantor, old.grantor, old.state, old.validUntil, role, credentialType);
        mandates[key] = _pack(given);
        emit MandateChanged(
            accreditor,
            credentialType,
            role,
            given.grantor,
            given.validFrom,
            given.validUntil,
            given.state,
            given.extra
        );
    }

    function _killKey(bytes32 subject, bytes32 keyHash) private {
        require(subject != 0, "bad_subject");
        require(keyHash != 0, "bad_key");
        require(killedAt[subject][keyHash] == 0, "already_killed");
        killedAt[subject][keyHash] = block.timestamp;
        emit KeyKilled(subject, keyHash);
    }

    function _emitAccreditation(
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        Grant memory entry,
        Terms memory limits
    ) private {
        emit AccreditationChanged(
            subject,
            credentialType,
            role,
            entry.grantor,
            entry.validFrom,
            entry.validUntil,
            entry.state,
            limits.allowedClaims,
            limits.policy
        );
    }

    function _requireMeaning(uint8 role, bytes32 credentialType, uint40 validFrom, uint40 validUntil, uint8 state)
        private
        pure
    {
        require(role != 0, "bad_role");
        require(credentialType != 0, "bad_type");
        require(state != 0 && state <= REVOKED, "bad_state");
        require(validFrom < validUntil, "bad_period");
    }

    function _requireMandate(
        address accreditor,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil
    ) private view {
        require(_mandateInForce(accreditor, role, credentialType), "no_mandate");
        Grant memory own = _unpack(mandates[_mandateKey(accreditor, role, credentialType)]);
        require(validFrom >= own.validFrom && validUntil <= own.validUntil, "bad_period");
    }

    function _requireReplaceable(
        address grantor,
        address oldGrantor,
        uint8 oldState,
        uint40 oldUntil,
        uint8 role,
        bytes32 credentialType
    ) private view {
        if (oldState == 0) {
            return;
        }
        if (oldGrantor == grantor) {
            require(oldState != REVOKED, "revoked");
        } else if (grantor != GOVERNANCE) {
            require(oldGrantor != GOVERNANCE && oldState == ACTIVE, "other_grantor");
            require(
                block.timestamp >= oldUntil || !_mandateInForce(oldGrantor, role, credentialType), "other_grantor"
            );
        }
    }

    /// Whether the chain of mandates from this grantor up to the governance holds now.
    function _mandateInForce(address grantor, uint8 role, bytes32 credentialType) private view returns (bool) {
        uint256 depthNeeded = 0;
        for (uint256 level = 0; grantor != GOVERNANCE; ++level) {
            Grant memory link = _unpack(mandates[_mandateKey(grantor, role, credentialType)]);
            bool holds = level <= MAX_DEPTH && link.extra >= depthNeeded;
            if (!holds || !_current(link.state, link.validFrom, link.validUntil)) {
                return false;
            }
            depthNeeded = uint256(link.extra) + 1;
            grantor = link.grantor;
        }
        return true;
    }

    function _current(uint8 state, uint40 validFrom, uint40 validUntil) private view returns (bool) {
        return state == ACTIVE && validFrom <= block.timestamp && block.timestamp < validUntil;
    }

    /// By hand: from a struct the compiler would write the slot once for each member.
    function _pack(Grant memory grant) private pure returns (uint256) {
        return uint256(uint160(grant.grantor)) | uint256(grant.validFrom) << 160 | uint256(grant.validUntil) << 200
            | uint256(grant.state) << 240 | uint256(grant.extra) << 248;
    }

    function _unpack(uint256 slot) private pure returns (Grant memory) {
        return Grant(
            address(uint160(slot)), uint40(slot >> 160), uint40(slot >> 200), uint8(slot >> 240), uint8(slot >> 248)
        );
    }

    function _key(bytes32 subject, uint8 role, bytes32 credentialType) private pure returns (bytes32) {
        return keccak256(abi.encode(subject, role, credentialType));
    }

    function _mandateKey(address accreditor, uint8 role, bytes32 credentialType) private pure returns (bytes32) {
        return keccak256(abi.encode(accreditor, role, credentialType));
    }

    function _hexDigits(uint256 number) private pure returns (bytes memory) {
        uint256 length = 1;
        while (length < 64 && number >> (4 * length) != 0) {
            ++length;
        }
        return _fixedHexDigits(number, length);
    }

    function _fixedHexDigits(uint256 number, uint256 length) private pure returns (bytes memory digits) {
        digits = new bytes(length);
        for (uint256 index = length; index > 0; --index) {
            digits[index - 1] = HEX_DIGITS[number & 15];
            number >>= 4;
        }
    }
}
