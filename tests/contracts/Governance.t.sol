// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchors} from "contracts/Anchors.sol";
import {Cheats} from "./Cheats.sol";

/// Any members, any content: what was approved is what is performed.
contract GovernanceTest is Cheats {
    Anchors private anchors;

    function setUp() public {
        vm.warp(NOW);
        address[] memory members = new address[](3);
        for (uint256 index = 0; index < 3; ++index) {
            members[index] = _member(index);
        }
        anchors = deploy(members, 2);
    }

    function deploy(address[] memory members, uint8 threshold) public returns (Anchors) {
        return Anchors(_deploy("Anchors", abi.encode(members, threshold)));
    }

    function testFuzz_a_governance_that_can_decide_or_none(address[] memory members, uint8 threshold) public {
        bool possible = members.length != 0 && members.length <= 64 && threshold != 0 && threshold <= members.length;
        for (uint256 index = 0; index < members.length; ++index) {
            possible = possible && members[index] != address(0);
            for (uint256 other = 0; other < index; ++other) {
                possible = possible && members[index] != members[other];
            }
        }
        try this.deploy(members, threshold) returns (Anchors made) {
            assert(possible);
            (address sole, uint64 epoch, uint8 needed, uint8 size) = made.council();
            assert(epoch == 1 && needed == threshold && size == members.length);
            assert(sole == (members.length == 1 ? members[0] : address(0)));
            for (uint256 index = 0; index < members.length; ++index) {
                assert(made.isMember(members[index]));
            }
        } catch {
            assert(!possible);
        }
    }

    function testFuzz_another_content_is_not_performed(
        bytes32 log,
        address owner,
        uint256 salt,
        uint256 place,
        uint8 flip
    ) public {
        vm.assume(log != 0 && flip != 0);
        bytes memory action = abi.encodeCall(Anchors.setLogOwner, (log, owner));
        vm.prank(_member(0));
        bytes32 id = anchors.propose(action, salt, uint64(NOW + 10));
        vm.prank(_member(1));
        anchors.approve(id);
        bytes memory changed = bytes.concat(action);
        changed[place % changed.length] ^= bytes1(flip);
        vm.prank(_member(0));
        _expect("bad_action");
        anchors.execute(id, changed, salt);
        vm.prank(_member(0));
        anchors.execute(id, action, salt);
        assert(anchors.ownerOf(log) == owner);
    }

    function testFuzz_garbage_is_not_performed(bytes memory action, uint256 salt) public {
        vm.assume(action.length < 4 || bytes4(action) != Anchors.setLogOwner.selector);
        vm.assume(action.length < 4 || bytes4(action) != anchors.setGovernance.selector);
        vm.prank(_member(0));
        bytes32 id = anchors.propose(action, salt, uint64(NOW + 10));
        vm.prank(_member(1));
        anchors.approve(id);
        vm.prank(_member(0));
        _expect("bad_action");
        anchors.execute(id, action, salt);
    }

    function testFuzz_heads_form_a_chain(bytes32 log, bytes32[] memory roots, uint64 size, address writer) public {
        vm.assume(log != 0 && size != 0 && writer != address(0));
        Anchors own = deploy(_alone(address(this)), 1);
        own.setLogOwner(log, writer);
        bytes32 head = 0;
        for (uint256 index = 0; index < roots.length; ++index) {
            vm.prank(writer);
            own.anchor(log, roots[index], size, head);
            bytes32 digest = keccak256(abi.encode(head, log, size, roots[index]));
            head = (digest >> 32 << 32) | bytes32(index + 1);
            assert(own.headOf(log) == head);
            vm.prank(writer);
            _expect("stale_head");
            own.anchor(log, roots[index], size, bytes32(index));
        }
    }

    function testFuzz_only_the_owner_anchors(bytes32 log, bytes32 root, address stranger, address owner) public {
        vm.assume(log != 0 && stranger != owner);
        Anchors own = deploy(_alone(address(this)), 1);
        own.setLogOwner(log, owner);
        vm.prank(stranger);
        _expect("not_log_owner");
        own.anchor(log, root, 1, 0);
    }

    function _member(uint256 index) private pure returns (address) {
        return address(uint160(0xB00 + index));
    }
}

/// Members and strangers propose, approve and execute as they like; the members change meanwhile.
contract Council is Cheats {
    struct Made {
        bytes32 id;
        bytes action;
        uint256 salt;
        uint256 expiresAt;
        uint256 epoch;
        uint256 approvals;
        bool executed;
    }

    Anchors public immutable anchors;
    uint256 public epoch = 1;
    uint256 public threshold = 2;
    uint256 private time = NOW;
    Made[] private proposals;
    mapping(uint256 => mapping(address => bool)) private approved;
    mapping(uint256 => mapping(address => bool)) private member;

    constructor() {
        vm.warp(NOW);
        anchors = Anchors(_deploy("Anchors", abi.encode(_remember(7, 1), 2)));
    }

    function wait(uint256 duration) external {
        time += _within(duration, 0, 40);
        vm.warp(time);
    }

    function propose_owner(uint256 who, uint256 log, address owner, uint256 duration) external {
        _propose(who, abi.encodeCall(Anchors.setLogOwner, (bytes32(_within(log, 0, 3)), owner)), duration);
    }

    /// The members are the bits of `set`: 1 to 31, of five accounts.
    function propose_members(uint256 who, uint256 set, uint8 needed, uint256 duration) external {
        address[] memory members = _members(_within(set, 1, 31));
        needed = uint8(_within(needed, 0, members.length + 1));
        _propose(who, abi.encodeCall(anchors.setGovernance, (members, needed)), duration);
    }

    function approve(uint256 who, uint256 which) external {
        if (proposals.length == 0) return;
        uint256 index = _recent(which);
        Made storage made = proposals[index];
        address sender = _account(who);
        vm.prank(sender);
        try anchors.approve(made.id) {
            assert(member[epoch][sender] && !approved[index][sender] && !made.executed);
            assert(made.epoch == epoch && time <= made.expiresAt);
            approved[index][sender] = true;
            ++made.approvals;
        } catch {}
    }

    function execute(uint256 who, uint256 which) external {
        if (proposals.length == 0) return;
        Made storage made = proposals[_recent(which)];
        address sender = _account(who);
        vm.prank(sender);
        try anchors.execute(made.id, made.action, made.salt) {
            assert(member[epoch][sender] && !made.executed && made.epoch == epoch && time <= made.expiresAt);
            assert(made.approvals >= threshold);
            made.executed = true;
            _follow();
        } catch {}
    }

    /// The sole member, if there is one, needs no proposal; nobody else can do without.
    function act_alone(uint256 who, uint256 set, uint8 needed) external {
        address[] memory members = _members(_within(set, 1, 31));
        needed = uint8(_within(needed, 1, members.length));
        address sender = _account(who);
        (,,, uint8 size) = anchors.council();
        vm.prank(sender);
        try anchors.setGovernance(members, needed) {
            assert(size == 1 && member[epoch][sender]);
            _follow();
        } catch {
            assert(size != 1 || !member[epoch][sender]);
        }
    }

    function _propose(uint256 who, bytes memory action, uint256 duration) private {
        address sender = _account(who);
        uint64 expiresAt = uint64(time + _within(duration, 0, 60));
        uint256 salt = proposals.length;
        vm.prank(sender);
        try anchors.propose(action, salt, expiresAt) returns (bytes32 id) {
            assert(member[epoch][sender] && expiresAt > time);
            approved[proposals.length][sender] = true;
            proposals.push(Made(id, action, salt, expiresAt, epoch, 1, false));
        } catch {}
    }

    /// One of the newest proposals, so that some are approved, and executed, and tried again.
    function _recent(uint256 which) private view returns (uint256) {
        uint256 count = proposals.length < 3 ? proposals.length : 3;
        return proposals.length - 1 - which % count;
    }

    /// Takes over who is a member now, where that changed.
    function _follow() private {
        (, uint64 current, uint8 needed, uint8 size) = anchors.council();
        if (current == epoch) return;
        assert(current == epoch + 1 && needed >= 1 && needed <= size);
        epoch = current;
        threshold = needed;
        uint256 count = 0;
        for (uint256 index = 0; index < 5; ++index) {
            member[epoch][_account(index)] = anchors.isMember(_account(index));
            if (anchors.isMember(_account(index))) ++count;
        }
        assert(count == size);
    }

    function _remember(uint256 set, uint256 ofEpoch) private returns (address[] memory members) {
        members = _members(set);
        for (uint256 index = 0; index < members.length; ++index) {
            member[ofEpoch][members[index]] = true;
        }
    }

    function _members(uint256 set) private pure returns (address[] memory members) {
        uint256 count = 0;
        for (uint256 index = 0; index < 5; ++index) {
            count += set >> index & 1;
        }
        members = new address[](count);
        for (uint256 index = 5; index > 0; --index) {
            if (set >> (index - 1) & 1 == 1) members[--count] = _account(index - 1);
        }
    }

    /// Six accounts, the last of which is never a member.
    function _account(uint256 who) private pure returns (address) {
        return address(uint160(0xC00 + who % 6));
    }
}

contract GovernanceInvariants is Cheats {
    Council private council;

    function setUp() public {
        council = new Council();
    }

    function targetContracts() public view returns (address[] memory) {
        return _alone(address(council));
    }

    /// The council's own checks ran at every step; and it can decide at any time.
    function invariant_the_members_can_decide() public view {
        (, uint64 epoch, uint8 threshold, uint8 size) = council.anchors().council();
        assert(threshold >= 1 && threshold <= size && size <= 64);
        assert(epoch == council.epoch() && threshold == council.threshold());
    }
}
