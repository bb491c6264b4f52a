// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The trust registry of Sabai: which organisation may issue or ask for which credential type, and when.
/// @notice Organisations and types are named by SHA-256 of the DID and of the `vct`: both are public names of
///         organisations and schemas, never of people. One governor writes, and can hand that office over.
contract TrustRegistry {
    uint8 private constant REVOKED = 3;

    /// One storage slot.
    struct Entry {
        uint64 validFrom;
        uint64 validUntil;
        uint8 state;
    }

    address public governor;
    mapping(bytes32 => Entry) private entries;

    event GovernorChanged(address indexed previousGovernor, address indexed newGovernor);
    event AccreditationChanged(
        bytes32 indexed subject,
        bytes32 indexed credentialType,
        uint8 indexed role,
        uint64 validFrom,
        uint64 validUntil,
        uint8 state
    );

    modifier onlyGovernor() {
        require(msg.sender == governor, "not_governor");
        _;
    }

    constructor(address firstGovernor) {
        require(firstGovernor != address(0), "bad_governor");
        governor = firstGovernor;
        emit GovernorChanged(address(0), firstGovernor);
    }

    function transferGovernor(address newGovernor) external onlyGovernor {
        require(newGovernor != address(0), "bad_governor");
        emit GovernorChanged(governor, newGovernor);
        governor = newGovernor;
    }

    /// Replaces the whole entry.
    /// @param role 1 issue, 2 verify
    /// @param validFrom seconds since 1970
    /// @param validUntil seconds since 1970, exclusive
    /// @param state 1 active, 2 suspended, 3 revoked: final, a revoked entry never changes again
    function setAccreditation(
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint64 validFrom,
        uint64 validUntil,
        uint8 state
    ) external onlyGovernor {
        require(role != 0, "bad_role");
        require(state != 0 && state <= REVOKED, "bad_state");
        require(validFrom < validUntil, "bad_period");
        Entry storage entry = entries[_key(subject, role, credentialType)];
        require(entry.state != REVOKED, "revoked");
        entry.validFrom = validFrom;
        entry.validUntil = validUntil;
        entry.state = state;
        emit AccreditationChanged(subject, credentialType, role, validFrom, validUntil, state);
    }

    /// All zero where there is no such accreditation.
    function accreditation(bytes32 subject, uint8 role, bytes32 credentialType)
        external
        view
        returns (uint64 validFrom, uint64 validUntil, uint8 state)
    {
        Entry storage entry = entries[_key(subject, role, credentialType)];
        return (entry.validFrom, entry.validUntil, entry.state);
    }

    function _key(bytes32 subject, uint8 role, bytes32 credentialType) private pure returns (bytes32) {
        return keccak256(abi.encode(subject, role, credentialType));
    }
}
