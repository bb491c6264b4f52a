// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governance} from "./Governance.sol";

/// @title Anchors: Merkle roots of logs that live elsewhere, one hash chain per log.
/// @notice A log is named by 32 bytes; the governance says who writes its roots. What is in the log stays outside:
///         whoever is shown an entry with an inclusion proof checks it against the root, and needs nothing but this.
/// @dev The contract stands on its own, so that a private chain's log can be anchored on a public one.
///      A head is one storage slot: 28 bytes of hash over all before it, then 4 bytes of index, counted from 1. The
///      writer names the head that it builds on: of two roots that race, the second is refused, not silently chained.
contract Anchors is Governance {
    /// Who writes a log's roots; 0x0 for nobody.
    mapping(bytes32 => address) public ownerOf;
    /// The newest head of a log; 0 before the first.
    mapping(bytes32 => bytes32) public headOf;

    event LogOwnerChanged(bytes32 indexed log, address owner);
    event Anchored(bytes32 indexed log, uint32 index, uint64 size, bytes32 root, bytes32 head);

    constructor(address[] memory members, uint8 threshold) Governance(members, threshold) {}

    /// Gives the log to an account; to 0x0 it is closed until it is given again.
    function setLogOwner(bytes32 log, address owner) external onlySoleMember {
        _setLogOwner(log, owner);
    }

    /// @param root of a Merkle tree as in RFC 6962, with SHA-256
    /// @param size how many leaves the tree has
    /// @param previousHead the head before; 0 for the first
    function anchor(bytes32 log, bytes32 root, uint64 size, bytes32 previousHead) external {
        require(msg.sender == ownerOf[log], "not_log_owner");
        require(size != 0, "bad_size");
        require(headOf[log] == previousHead, "stale_head");
        uint32 index = uint32(uint256(previousHead)) + 1;
        bytes32 head = nextHead(log, root, size, previousHead);
        headOf[log] = head;
        emit Anchored(log, index, size, root, head);
    }

    /// The head that a root makes on top of another.
    function nextHead(bytes32 log, bytes32 root, uint64 size, bytes32 previousHead) public pure returns (bytes32) {
        uint32 index = uint32(uint256(previousHead)) + 1;
        bytes32 digest = keccak256(abi.encode(previousHead, log, size, root));
        return bytes28(digest) | bytes32(uint256(index));
    }

    function _perform(bytes4 selector, bytes calldata arguments) internal override {
        if (selector == this.setLogOwner.selector) {
            (bytes32 log, address owner) = abi.decode(arguments, (bytes32, address));
            _setLogOwner(log, owner);
        } else {
            super._perform(selector, arguments);
        }
    }

    function _setLogOwner(bytes32 log, address owner) private {
        require(log != 0, "bad_log");
        ownerOf[log] = owner;
        emit LogOwnerChanged(log, owner);
    }
}
