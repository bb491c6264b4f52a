// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title N of M members decide: the root of trust of a registry.
/// @notice A proposal is the call data of one of the contract's own functions. A member proposes it, which counts as
///         the member's approval; others approve; once enough have, a member executes it. Where there is one member
///         only, that member calls the functions directly.
/// @dev What is approved is a hash over the whole content, the chain, this contract, and the epoch: the number of times
///      that the members or the threshold changed. So an approval counts for exactly one content, at one registry, and
///      only for as long as those who approved are the ones to decide. It counts once, and not after `expiresAt`.
///      Nothing here or in the heirs calls code that others chose: a proposal is decoded and performed inside, so there
///      is nothing to re-enter.
abstract contract Governance {
    uint256 public constant MAX_MEMBERS = 64;
    uint256 public constant MAX_PROPOSAL_SECONDS = 30 days;

    /// One storage slot. `soleMember` is 0x0 unless there is exactly one.
    struct Council {
        address soleMember;
        uint64 epoch;
        uint8 threshold;
        uint8 size;
    }

    /// One storage slot; a bit of `approvals` for each member, by position in the epoch.
    struct Proposal {
        uint64 epoch;
        uint64 expiresAt;
        uint64 approvals;
        uint8 count;
        bool executed;
    }

    Council public council;
    /// By the hash that `proposalId` tells.
    mapping(bytes32 => Proposal) public proposals;
    /// A member's place in the list of an epoch, counted from 1.
    mapping(uint64 => mapping(address => uint8)) private positions;

    event GovernanceChanged(uint64 epoch, address[] members, uint8 threshold);
    event Proposed(
        bytes32 indexed id, address indexed member, uint64 epoch, uint64 expiresAt, uint256 salt, bytes action
    );
    event Approved(bytes32 indexed id, address indexed member, uint8 count);
    event Executed(bytes32 indexed id, address indexed member);

    modifier onlySoleMember() {
        require(msg.sender == council.soleMember, "not_governor");
        _;
    }

    constructor(address[] memory members, uint8 threshold) {
        _setGovernance(members, threshold);
    }

    /// Whether the account is one of the members now.
    function isMember(address account) external view returns (bool) {
        return positions[council.epoch][account] != 0;
    }

    /// What the members approve: every part of the content, this chain, this contract and the epoch are in it.
    function proposalId(bytes calldata action, uint256 salt, uint64 expiresAt, uint64 epoch)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), epoch, expiresAt, salt, keccak256(action)));
    }

    /// @param action call data of a function that a sole member could call here
    /// @param salt any number that was not used for the same content before
    /// @param expiresAt seconds since 1970: the last second in which it can be approved and executed
    function propose(bytes calldata action, uint256 salt, uint64 expiresAt) external returns (bytes32 id) {
        uint64 epoch = council.epoch;
        uint64 bit = _memberBit(epoch);
        require(
            expiresAt > block.timestamp && expiresAt <= block.timestamp + MAX_PROPOSAL_SECONDS, "bad_expiry"
        );
        id = proposalId(action, salt, expiresAt, epoch);
        require(proposals[id].expiresAt == 0, "already_proposed");
        proposals[id] = Proposal(epoch, expiresAt, bit, 1, false);
        emit Proposed(id, msg.sender, epoch, expiresAt, salt, action);
        emit Approved(id, msg.sender, 1);
    }

    function approve(bytes32 id) external {
        uint64 bit = _memberBit(council.epoch);
        Proposal storage proposal = proposals[id];
        _requireOpen(proposal);
        require(proposal.approvals & bit == 0, "already_approved");
        proposal.approvals |= bit;
        proposal.count += 1;
        emit Approved(id, msg.sender, proposal.count);
    }

    /// Performs what was approved; `action` and `salt` as they were proposed.
    function execute(bytes32 id, bytes calldata action, uint256 salt) external {
        _memberBit(council.epoch);
        Proposal storage proposal = proposals[id];
        _requireOpen(proposal);
        require(id == proposalId(action, salt, proposal.expiresAt, proposal.epoch), "bad_action");
        require(proposal.count >= council.threshold, "not_approved");
        proposal.executed = true;
        emit Executed(id, msg.sender);
        require(action.length >= 4, "bad_action");
        _perform(bytes4(action[:4]), action[4:]);
    }

    /// Replaces all members and the threshold; every proposal that is open then can't be executed any more.
    function setGovernance(address[] calldata members, uint8 threshold) external onlySoleMember {
        _setGovernance(members, threshold);
    }

    /// Performs an action of the heir, or one of this contract where the heir has none of this selector.
    function _perform(bytes4 selector, bytes calldata arguments) internal virtual {
        require(selector == this.setGovernance.selector, "bad_action");
        (address[] memory members, uint8 threshold) = abi.decode(arguments, (address[], uint8));
        _setGovernance(members, threshold);
    }

    function _setGovernance(address[] memory members, uint8 threshold) private {
        require(members.length != 0 && members.length <= MAX_MEMBERS, "bad_members");
        require(threshold != 0 && threshold <= members.length, "bad_threshold");
        uint64 epoch = council.epoch + 1;
        for (uint256 index = 0; index < members.length; ++index) {
            address member = members[index];
            require(member != address(0) && positions[epoch][member] == 0, "bad_members");
            positions[epoch][member] = uint8(index + 1);
        }
        address soleMember = members.length == 1 ? members[0] : address(0);
        council = Council(soleMember, epoch, threshold, uint8(members.length));
        emit GovernanceChanged(epoch, members, threshold);
    }

    function _memberBit(uint64 epoch) private view returns (uint64) {
        uint8 position = positions[epoch][msg.sender];
        require(position != 0, "not_governor");
        return uint64(1) << (position - 1);
    }

    function _requireOpen(Proposal storage proposal) private view {
        require(proposal.expiresAt != 0, "no_proposal");
        require(proposal.epoch == council.epoch, "stale_proposal");
        require(!proposal.executed, "already_executed");
        require(block.timestamp <= proposal.expiresAt, "expired");
    }
}
