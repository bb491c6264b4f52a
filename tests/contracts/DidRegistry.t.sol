// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DidRegistry} from "contracts/DidRegistry.sol";
import {Cheats} from "./Cheats.sol";

/// Accounts hand identities over, publish and revoke as they like, whether it is theirs or not.
contract Organisations is Cheats {
    DidRegistry public immutable registry;
    mapping(address => address) public ownerOf;
    mapping(address => bool) public deactivated;

    constructor() {
        registry = DidRegistry(_deploy("DidRegistry", ""));
        for (uint256 index = 0; index < 5; ++index) {
            ownerOf[account(index)] = account(index);
        }
    }

    function hand_over(uint256 who, uint256 identity, uint256 to) external {
        address target = account(identity);
        address heir = to % 4 == 0 ? address(0) : account(to);
        vm.prank(account(who));
        try registry.changeOwner(target, heir) {
            _allowed(who, target);
            ownerOf[target] = heir;
            deactivated[target] = heir == address(0);
        } catch {
            _refused(who, target);
        }
    }

    function publish(uint256 who, uint256 identity, bytes32 name, bytes calldata value, uint64 validity) external {
        vm.prank(account(who));
        try registry.setAttribute(account(identity), name, value, validity) {
            _allowed(who, account(identity));
        } catch {
            _refused(who, account(identity));
        }
    }

    function delegate(uint256 who, uint256 identity, bytes32 kind, uint256 to, uint64 validity) external {
        vm.prank(account(who));
        try registry.addDelegate(account(identity), kind, account(to), validity) {
            _allowed(who, account(identity));
            assert(registry.validDelegate(account(identity), kind, account(to)));
        } catch {
            _refused(who, account(identity));
        }
    }

    function forge_signature(uint256 identity, uint8 v, bytes32 r, bytes32 s, uint256 to) external {
        try registry.changeOwnerSigned(account(identity), v, r, s, account(to)) {
            assert(false);
        } catch {}
    }

    /// Five accounts; the sixth is 0x0, which nobody is.
    function account(uint256 who) public pure returns (address) {
        return who % 6 == 5 ? address(0) : address(uint160(0xD00 + who % 6));
    }

    function _allowed(uint256 who, address identity) private view {
        assert(account(who) != address(0) && identity != address(0));
        assert(!deactivated[identity] && ownerOf[identity] == account(who));
    }

    function _refused(uint256 who, address identity) private view {
        assert(identity == address(0) || account(who) == address(0) || ownerOf[identity] != account(who));
    }
}

contract DidRegistryInvariants is Cheats {
    Organisations private organisations;

    function setUp() public {
        vm.warp(NOW);
        organisations = new Organisations();
    }

    function targetContracts() public view returns (address[] memory) {
        return _alone(address(organisations));
    }

    /// Whoever writes is the owner, and the owner can; what is deactivated stays so; 0x0 belongs to nobody.
    function invariant_an_identity_is_its_owners_alone() public view {
        DidRegistry registry = organisations.registry();
        for (uint256 index = 0; index < 5; ++index) {
            address identity = organisations.account(index);
            assert(registry.identityOwner(identity) == organisations.ownerOf(identity));
            if (organisations.deactivated(identity)) {
                assert(!registry.validDelegate(identity, "veriKey", organisations.account(1)));
            }
        }
        assert(registry.changed(address(0)) == 0);
    }
}
